use super::*;

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 3];
    bytes.extend_from_slice(&(body.len() as u16).to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 0];
    bytes.extend_from_slice(&(body.len() as u16).to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn hello_body(version: u16, suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(&[5; 32]);
    body.push(0);
    body.extend_from_slice(&suite.to_be_bytes());
    body.push(0);
    if !extensions.is_empty() {
        body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
        body.extend_from_slice(extensions);
    }
    body
}

fn read(bytes: &[u8]) -> (Flight, Option<&'static str>) {
    let mut reader = Reader::new();
    let fault = reader
        .push(bytes)
        .err()
        .map(|fault| fault.0.in_language(Language::En));
    (reader.flight().clone(), fault)
}

#[test]
fn a_flight_of_tls_1_2_is_read_whole() {
    let mut messages = message(
        2,
        &hello_body(0x0303, 0xc02f, &[0xff, 1, 0, 1, 0, 0, 23, 0, 0]),
    );
    messages.extend(message(11, &[0, 0, 7, 0, 0, 4, 1, 2, 3, 4]));
    messages.extend(message(12, &[3, 0, 29, 1, 9, 4, 1, 0, 1, 7]));
    messages.extend(message(14, &[]));
    // Messages are cut anywhere: over records and over reads.
    let (one, two) = messages.split_at(60);
    let bytes = [record(22, one), record(22, two)].concat();
    let whole = read(&bytes);
    let mut reader = Reader::new();
    for byte in &bytes {
        reader.push(&[*byte]).expect("the same in pieces");
    }
    assert_eq!(reader.flight(), &whole.0);
    let (flight, fault) = whole;
    assert_eq!(fault, None);
    let hello = flight.hello.expect("a choice");
    assert_eq!((hello.version, hello.suite), (0x0303, 0xc02f));
    assert!(hello.renegotiation && hello.extended_master_secret);
    assert_eq!(flight.chain, [vec![1, 2, 3, 4]]);
    assert_eq!(flight.group, Some(29));
    assert!(flight.ended);
}

#[test]
fn a_retry_of_tls_1_3_names_the_group() {
    let mut body = hello_body(
        0x0303,
        0x1301,
        &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0x11, 0xec],
    );
    body[2..34].copy_from_slice(&RETRY);
    let (flight, fault) = read(&record(22, &message(2, &body)));
    assert_eq!(fault, None);
    let hello = flight.hello.expect("a choice");
    assert_eq!((hello.version, hello.group), (0x0304, Some(0x11ec)));
    assert!(flight.ended);
}

#[test]
fn the_prime_of_an_old_exchange_is_measured() {
    let mut key = vec![0, 130, 0, 0x40];
    key.extend_from_slice(&[0xff; 128]);
    key.extend_from_slice(&[0, 1, 2, 0, 1, 3]);
    let bytes = [
        message(2, &hello_body(0x0302, 0x0033, &[])),
        message(12, &key),
    ]
    .concat();
    let (flight, fault) = read(&record(22, &bytes));
    assert_eq!((flight.prime_bits, fault), (Some(1031), None));
}

#[test]
fn alerts_end_it_but_for_a_warning_about_the_name() {
    let (flight, _) = read(&record(21, &[2, 40]));
    assert_eq!((flight.alert, flight.ended), (Some(40), true));
    let (flight, _) = read(
        &[
            record(21, &[1, 112]),
            record(22, &message(2, &hello_body(0x0301, 5, &[]))),
        ]
        .concat(),
    );
    assert!(flight.hello.is_some());
}

#[test]
fn what_is_badly_formed_is_told() {
    let hello =
        |extensions: &[u8]| record(22, &message(2, &hello_body(0x0303, 0xc02f, extensions)));
    let mut session = hello_body(0x0303, 1, &[]);
    session[34] = 33;
    let twice = [
        message(2, &hello_body(0x0303, 1, &[])),
        message(2, &hello_body(0x0303, 1, &[])),
    ]
    .concat();
    for (bytes, why) in [
        (b"HTTP/1.1 400 Bad Request\r\n".to_vec(), "no record of TLS"),
        (vec![22, 2, 0, 0, 4], "no version of TLS"),
        (vec![22, 3, 1, 0, 0], "an empty record"),
        (vec![22, 3, 1, 0xff, 0xff], "a record of too many bytes"),
        (record(21, &[2]), "an alert of another length"),
        (record(23, &[1]), "a record out of place"),
        (
            record(22, &message(11, &[])),
            "another message before ServerHello",
        ),
        (record(22, &[2, 0xff, 0xff, 0xff]), "a message without end"),
        (record(22, &message(2, &[3, 3])), "a message cut short"),
        (
            record(22, &message(2, &session)),
            "a session number of too many bytes",
        ),
        (record(22, &twice), "two ServerHello"),
        (hello(&[0, 23, 0, 0, 0, 23, 0, 0]), "an extension twice"),
        (hello(&[0, 43, 0, 3, 3, 4, 0]), "bytes behind the end"),
        (hello(&[0, 43, 0, 9, 3]), "a message cut short"),
    ] {
        assert_eq!(read(&bytes).1, Some(why));
    }
}

#[test]
fn the_answer_of_ssl_2_is_told_from_everything_else() {
    let mut answer = vec![0x80, 11 + 4 + 6 + 16, 4, 0, 1, 0, 2, 0, 4, 0, 6, 0, 16];
    answer.extend_from_slice(&[0; 26]);
    assert_eq!(ssl2(&answer), Ok(Some(2)));
    assert_eq!(ssl2(&answer[..12]), Ok(None));
    assert_eq!(ssl2(&[]), Ok(None));
    for other in [
        &[21, 3, 1, 0, 2, 2, 40][..],
        b"HTTP/1.1",
        &[0x80, 3, 0, 0, 1],
        &[0x80, 40, 9],
    ] {
        assert!(ssl2(other).is_err(), "{other:?}");
    }
    answer[1] += 1;
    assert!(ssl2(&answer).is_err());
}

use super::*;

fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).expect("a short header");
    [
        &SIGNATURE[..],
        &[command, family],
        &length.to_be_bytes(),
        rest,
    ]
    .concat()
}

/// 192.0.2.1:50000 to 198.51.100.7:443.
const FOUR: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 7, 0xc3, 0x50, 0x01, 0xbb];

fn addition(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("a short addition");
    [&[kind], &length.to_be_bytes()[..], value].concat()
}

/// A header with a right checksum.
fn summed() -> Vec<u8> {
    let rest = [FOUR, &addition(CRC32C.0, &[0; 4])].concat();
    let mut header = v2(0x21, 0x11, &rest);
    let sum = crc32c(header.iter().copied());
    let at = header.len() - 4;
    header[at..].copy_from_slice(&sum.to_be_bytes());
    header
}

#[test]
fn the_checksum_is_that_of_the_published_vectors() {
    // RFC 3720, appendix B.4, and the usual check value.
    assert_eq!(crc32c(b"123456789".iter().copied()), 0xe306_9283);
    assert_eq!(crc32c([0; 32].into_iter()), 0x8a91_36aa);
    assert_eq!(crc32c([0xff; 32].into_iter()), 0x62a8_ab43);
}

#[test]
fn a_header_tells_whose_connection_it_is() {
    let client = |source: &str, destination: &str| Announced::Client {
        source: source.parse().expect("an address"),
        destination: destination.parse().expect("an address"),
    };
    let four = client("192.0.2.1:50000", "198.51.100.7:443");
    let mapped = [&[0; 10][..], &[0xff, 0xff, 192, 0, 2, 1]].concat();
    let six = [&mapped[..], &mapped, &[0xc3, 0x50, 0x01, 0xbb]].concat();
    let tlvs = [FOUR, &addition(0x04, &[0; 5]), &addition(0xea, b"vpce-1")].concat();
    for (bytes, announced) in [
        (
            b"PROXY TCP4 192.0.2.1 198.51.100.7 50000 443\r\n".to_vec(),
            four,
        ),
        (
            b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n".to_vec(),
            client("[2001:db8::1]:1", "[2001:db8::2]:65535"),
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), Announced::Unknown),
        (
            b"PROXY UNKNOWN ff:: 1 what ever\r\n".to_vec(),
            Announced::Unknown,
        ),
        (v2(0x21, 0x11, FOUR), four),
        (v2(0x21, 0x11, &tlvs), four),
        (summed(), four),
        (
            v2(0x21, 0x21, &six),
            client("192.0.2.1:50000", "[::ffff:192.0.2.1]:443"),
        ),
        (v2(0x20, 0x00, &[]), Announced::Peer),
        (v2(0x20, 0x11, FOUR), Announced::Peer),
        (v2(0x20, 0x11, &[]), Announced::Peer),
        (v2(0x20, 0x00, &[3, 0, 4, 1]), Announced::Peer),
        (v2(0x20, 0x42, &[1, 2, 3]), Announced::Peer),
        (v2(0x21, 0x00, &[]), Announced::Unknown),
        (v2(0x21, 0x31, &[0; 216]), Announced::Unknown),
    ] {
        let length = bytes.len();
        let header = Header { announced, length };
        // What follows belongs to the connection.
        let more = [&bytes[..], b"PROXY TCP4"].concat();
        assert_eq!(parse(&more), Ok(Some(header)), "{}", bytes.escape_ascii());
        for end in 0..length {
            assert_eq!(
                parse(&bytes[..end]),
                Ok(None),
                "{}",
                bytes[..end].escape_ascii()
            );
        }
    }
}

#[test]
fn what_is_no_header_is_refused_with_its_reason() {
    let mut wrong_sum = summed();
    wrong_sum[17] ^= 1;
    let twice = [FOUR, &addition(3, &[0; 4]), &addition(3, &[0; 4])].concat();
    let long = vec![0; LONGEST];
    let line = |text: &str| format!("PROXY {text}\r\n").into_bytes();
    for (bytes, fault) in [
        (b"GET / HTTP/1.1\r\n".to_vec(), Fault::Absent),
        (b"\x16\x03\x01".to_vec(), Fault::Absent),
        (
            b"proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n".to_vec(),
            Fault::Absent,
        ),
        (b"\r\n\r\n\0\r\nQUIT\r".to_vec(), Fault::Absent),
        (
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n".to_vec(),
            Fault::Line,
        ),
        (b"PROXY TCP4 192.0.2.1\r 192.0.2.2".to_vec(), Fault::Line),
        (b"PROXY UNKNOWN \0\r\n".to_vec(), Fault::Line),
        (line("TCP4 192.0.2.1 192.0.2.2 1"), Fault::Line),
        (line("TCP4 192.0.2.1 192.0.2.2 1 2 3"), Fault::Line),
        (line("TCP4  192.0.2.1 192.0.2.2 1 2"), Fault::Line),
        (line("TCP4 192.0.2.1 192.0.2.2 01 2"), Fault::Line),
        (line("TCP4 192.0.2.1 192.0.2.2 +1 2"), Fault::Line),
        (line("TCP4 192.0.2.1 192.0.2.2 65536 2"), Fault::Line),
        (line("UDP4 192.0.2.1 192.0.2.2 1 2"), Fault::Line),
        (line("TCP4 192.0.2.01 192.0.2.2 1 2"), Fault::Address),
        (line("TCP4 2001:db8::1 192.0.2.2 1 2"), Fault::Address),
        (line("TCP6 192.0.2.1 ::1 1 2"), Fault::Address),
        (line("TCP4 0.0.0.0 192.0.2.2 1 2"), Fault::Address),
        (line("TCP6 ff02::1 ::1 1 2"), Fault::Address),
        (line(&"UNKNOWN ".repeat(14)), Fault::TooLong),
        (v2(0x11, 0x11, FOUR), Fault::Command),
        (v2(0x22, 0x11, FOUR), Fault::Command),
        (v2(0x21, 0x12, FOUR), Fault::Family),
        (v2(0x21, 0x32, &[0; 216]), Fault::Family),
        (v2(0x21, 0x41, FOUR), Fault::Family),
        (v2(0x21, 0x11, &FOUR[..11]), Fault::Length),
        (v2(0x21, 0x31, &[0; 215]), Fault::Length),
        (v2(0x21, 0x11, &[FOUR, &[4, 0]].concat()), Fault::Length),
        (
            v2(0x21, 0x11, &[FOUR, &[4, 0, 9, 1]].concat()),
            Fault::Length,
        ),
        (v2(0x21, 0x11, &long), Fault::TooLong),
        (wrong_sum, Fault::Checksum),
        (v2(0x21, 0x11, &twice), Fault::Checksum),
        (
            v2(0x21, 0x11, &[FOUR, &addition(3, &[0; 3])].concat()),
            Fault::Checksum,
        ),
    ] {
        assert_eq!(parse(&bytes), Err(fault), "{}", bytes.escape_ascii());
    }
}

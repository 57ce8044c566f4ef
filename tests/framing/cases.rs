//! Reads `requests.txt` and `answers.txt`, which say how. Included by the tests of two crates.

/// One row.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) statuses: Vec<Status>,
    pub(crate) bytes: Vec<u8>,
}

/// One answer that a row expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) code: u16,
    /// A stage refuses the request, not the framing.
    pub(crate) by_stage: bool,
    /// The connection ends behind a request that is in order.
    pub(crate) closes: bool,
}

/// The rows of a table.
pub(crate) fn read(table: &'static str) -> Vec<Case> {
    let lines = table.lines().filter(|line| !line.is_empty());
    let rows = lines.filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let parts: Vec<&str> = line.splitn(4, " | ").collect();
        let [name, section, statuses, bytes] = parts[..] else {
            panic!("a row of four columns: {line}");
        };
        let statuses = statuses.split(',').map(|status| Status {
            code: status
                .trim_end_matches(['!', '.'])
                .parse()
                .expect("a status"),
            by_stage: status.ends_with('!'),
            closes: status.ends_with('.'),
        });
        Case {
            name,
            section,
            statuses: statuses.collect(),
            bytes: unescaped(bytes),
        }
    })
    .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        if sign != '\\' {
            bytes.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape = rest.chars().next().expect("an escape");
        rest = &rest[1..];
        match escape {
            'e' => bytes.extend_from_slice(b"\r\n"),
            'h' => bytes.extend_from_slice(b"Host: www.example.test\r\n"),
            's' => bytes.push(b' '),
            'r' => bytes.push(b'\r'),
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            '\\' => bytes.push(b'\\'),
            'x' => {
                let (digits, behind) = rest.split_at(2);
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest = behind;
            }
            '{' => {
                let (inner, behind) = rest.split_once('}').expect("a closing brace");
                let (what, times) = inner.rsplit_once('*').expect("a number of times");
                let times = times.parse().expect("a number");
                bytes.extend_from_slice(&unescaped(what).repeat(times));
                rest = behind;
            }
            other => panic!("unknown escape {other}"),
        }
    }
    bytes
}

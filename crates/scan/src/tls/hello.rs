//! The first message of a handshake, written by hand, so that versions and suites which no
//! library speaks any more can still be asked for.
//!
//! Formats: RFC 8446, 4.1.2 and 4.2 (TLS 1.3); RFC 5246, 7.4.1 (1.2); RFC 4346 and 2246 (1.1,
//! 1.0); RFC 6101 (SSL 3); RFC 5746 (renegotiation); RFC 7507 (fallback); RFC 7627 (extended
//! master secret). No key is ever made: under TLS 1.3 an empty list of key shares makes the
//! server name the group that it would take (4.2.8), which is all that is asked.

use super::Version;

/// What one handshake offers.
#[derive(Debug, Clone)]
pub(crate) struct Hello<'a> {
    pub(crate) version: Version,
    pub(crate) suites: &'a [u16],
    pub(crate) groups: &'a [u16],
    /// The name of the site; none for an address.
    pub(crate) name: Option<&'a str>,
    /// Offers DEFLATE, which a sound server leaves.
    pub(crate) compression: bool,
    /// Pretends that a newer version failed before (RFC 7507).
    pub(crate) fallback: bool,
}

/// Says that the client knows of protected renegotiation, where no extension may say it.
const RENEGOTIATION_SIGNAL: u16 = 0x00ff;
const FALLBACK_SIGNAL: u16 = 0x5600;

/// Signatures that are offered: everything that a server could have, old ones too.
const SIGNATURES: [u16; 16] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203,
    0x0201, 0x0202, 0x0101, 0x0303,
];

impl Hello<'_> {
    /// The message in its record.
    pub(crate) fn bytes(&self, random: &[u8; 32]) -> Vec<u8> {
        let mut body = Vec::with_capacity(1024);
        push(&mut body, self.version.legacy());
        body.extend_from_slice(random);
        // TLS 1.3 hides behind a session number that looks like a resumption (D.4).
        match self.version {
            Version::Tls13 => {
                body.push(32);
                body.extend_from_slice(random);
            }
            _ => body.push(0),
        }
        list(&mut body, |body| {
            for suite in self.suites {
                push(body, *suite);
            }
            if self.version == Version::Ssl3 {
                push(body, RENEGOTIATION_SIGNAL);
            }
            if self.fallback {
                push(body, FALLBACK_SIGNAL);
            }
        });
        body.extend_from_slice(if self.compression {
            &[2, 1, 0]
        } else {
            &[1, 0]
        });
        if self.version != Version::Ssl3 {
            list(&mut body, |body| self.extensions(body));
        }

        let mut record = vec![22];
        // Every server reads the oldest version of its family in this place.
        push(
            &mut record,
            if self.version == Version::Ssl3 {
                0x0300
            } else {
                0x0301
            },
        );
        list(&mut record, |record| {
            record.push(1);
            record.push(0);
            list(record, |record| record.extend_from_slice(&body));
        });
        record
    }

    fn extensions(&self, out: &mut Vec<u8>) {
        if let Some(name) = self.name {
            extension(out, 0, |out| {
                list(out, |out| {
                    out.push(0);
                    list(out, |out| out.extend_from_slice(name.as_bytes()));
                });
            });
        }
        extension(out, 0xff01, |out| out.push(0));
        extension(out, 23, |_| {});
        if !self.groups.is_empty() {
            extension(out, 10, |out| {
                list(out, |out| {
                    self.groups.iter().for_each(|group| push(out, *group))
                })
            });
            extension(out, 11, |out| out.extend_from_slice(&[3, 0, 1, 2]));
        }
        if matches!(self.version, Version::Tls12 | Version::Tls13) {
            extension(out, 13, |out| {
                list(out, |out| SIGNATURES.iter().for_each(|one| push(out, *one)))
            });
        }
        if self.version == Version::Tls13 {
            extension(out, 43, |out| out.extend_from_slice(&[2, 3, 4]));
            extension(out, 45, |out| out.extend_from_slice(&[1, 1]));
            extension(out, 51, |out| push(out, 0));
        }
    }
}

/// What a client of SSL 2 sends: its seven suites, three bytes each, and a challenge.
pub(crate) fn ssl2(random: &[u8; 32]) -> Vec<u8> {
    let suites: [[u8; 3]; 7] = [
        [1, 0, 128],
        [2, 0, 128],
        [3, 0, 128],
        [4, 0, 128],
        [5, 0, 128],
        [6, 0, 64],
        [7, 0, 192],
    ];
    let mut body = vec![1, 0, 2];
    push(&mut body, 21);
    push(&mut body, 0);
    push(&mut body, 16);
    body.extend_from_slice(&suites.concat());
    body.extend_from_slice(&random[..16]);
    let mut record = vec![0x80, body.len() as u8];
    record.extend_from_slice(&body);
    record
}

fn push(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn extension(out: &mut Vec<u8>, number: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    push(out, number);
    list(out, fill);
}

/// Two bytes of length before what is written. Everything written here is far below 64 KiB.
fn list(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    push(out, 0);
    fill(out);
    let length = (out.len() - at - 2) as u16;
    out[at..at + 2].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another program's reader takes what is written: rustls accepts the message as far as
    /// its choices go, and says which choice it misses.
    #[test]
    fn a_real_server_reads_it() {
        use rustls::server::Acceptor;
        for (version, name) in [
            (Version::Tls12, Some("www.example.fr")),
            (Version::Tls13, Some("www.example.fr")),
            (Version::Tls13, None),
        ] {
            let suites = [0x1301, 0xc02f];
            let hello = Hello {
                version,
                suites: &suites,
                groups: &[29, 23],
                name,
                compression: false,
                fallback: false,
            };
            let bytes = hello.bytes(&[7; 32]);
            let mut acceptor = Acceptor::default();
            acceptor.read_tls(&mut &bytes[..]).expect("a record");
            let accepted = acceptor
                .accept()
                .map_err(|(error, _)| error)
                .expect("a hello");
            let accepted = accepted.expect("a whole hello");
            let read = accepted.client_hello();
            assert_eq!(read.server_name(), name);
            let read: Vec<u16> = read
                .cipher_suites()
                .iter()
                .map(|suite| u16::from(*suite))
                .collect();
            assert_eq!(read, suites);
        }
    }

    #[test]
    fn lengths_stand_where_they_belong() {
        let hello = Hello {
            version: Version::Ssl3,
            suites: &[0x0004],
            groups: &[],
            name: Some("not.sent"),
            compression: true,
            fallback: true,
        };
        let bytes = hello.bytes(&[0; 32]);
        assert_eq!(&bytes[..5], [22, 3, 0, 0, (bytes.len() - 5) as u8]);
        assert_eq!(&bytes[5..11], [1, 0, 0, (bytes.len() - 9) as u8, 3, 0]);
        // Session, suites with both signals, compressions, and nothing behind them.
        assert_eq!(&bytes[43..], [0, 0, 6, 0, 4, 0, 255, 0x56, 0, 2, 1, 0]);
        let old = ssl2(&[9; 32]);
        assert_eq!(old.len(), usize::from(old[1]) + 2);
        assert_eq!(&old[..5], [0x80, 46, 1, 0, 2]);
    }
}

//! Messages to members, each a file in a folder: put your mailer here.
//!
//! They are written after the answer has gone, so that its time does not tell whether there
//! was anybody to write to.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rempart::Language;
use rempart::notice::{Notice, Site, To};

/// The folder and what the messages say of the site.
#[derive(Clone)]
pub(crate) struct Mail {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    site: Site,
    sent: AtomicUsize,
}

impl Mail {
    pub(crate) fn new(folder: PathBuf, site: Site) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let sent = AtomicUsize::new(0);
        Ok(Self {
            inner: Arc::new(Inner { folder, site, sent }),
        })
    }

    /// Sends notices, some time soon.
    pub(crate) fn send(&self, notices: Vec<Notice>, language: Language) {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            for notice in notices {
                if let Err(error) = inner.write(&notice, language) {
                    eprintln!("a message could not be written: {error}");
                }
            }
        });
    }
}

impl Inner {
    /// The identifier of an account is its address here; a site that keeps addresses apart
    /// looks them up. The former address of an account is not kept by this example.
    fn write(&self, notice: &Notice, language: Language) -> io::Result<()> {
        if notice.to != To::Contact {
            return Ok(());
        }
        let message = notice.message(&self.site, language);
        // Messages of an earlier run keep their numbers.
        let mut file = loop {
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            // A link is a key: nobody else on this machine reads it.
            let opened = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(self.folder.join(format!("{number:04}.txt")));
            match opened {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => break opened?,
            }
        };
        write!(
            file,
            "To: {}\nSubject: {}\n\n{}",
            notice.account.as_str(),
            message.subject,
            &*message.text
        )
    }
}

//! Every file that a policy names, for whoever must allow a process to open them and no other.

use std::path::PathBuf;

use crate::Policy;
use crate::access::Store;
use crate::hash::SecretSource;
use crate::password::Form;
use crate::site::Certificate;

/// The files of a policy, relative ones from its own folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Files {
    /// Files that are read.
    pub read: Vec<PathBuf>,
    /// Folders that are written to.
    pub write: Vec<PathBuf>,
    /// The same, relative ones from the state folder.
    pub write_in_state: Vec<PathBuf>,
}

impl Policy {
    /// Every file that this policy names.
    pub fn files(&self) -> Files {
        let (password, access) = (self.password(), self.access());
        let mut read = Vec::new();
        for site in self.sites() {
            if let Certificate::Files { chain, key } = &site.certificate {
                read.extend([chain.clone(), key.clone()]);
            }
            read.extend(site.origin.root.clone());
            read.extend(site.refusal_page.clone());
            if let Some(clients) = &site.client_certificates {
                read.push(clients.authorities.clone());
                read.extend(clients.revoked.clone());
            }
        }
        read.extend(password.forms.iter().filter_map(|form| match form {
            Form::Passphrase(phrase) => phrase.word_list.clone(),
            Form::Characters(_) => None,
        }));
        read.extend(password.guess.lists.iter().map(|list| list.path.clone()));
        read.extend(password.refuse.lists.iter().cloned());
        read.extend(password.refuse.breached.clone());
        let acme = &self.transport().acme;
        read.extend(acme.root.clone());
        let account = acme.external_account.as_ref().map(|account| &account.key);
        let mut secrets = vec![self.hash().pepper.as_ref(), access.key.as_ref(), account];
        let mut write = Vec::new();
        match &access.store {
            Store::Memory => {}
            Store::Redb(file) => write.extend(file.parent().map(PathBuf::from)),
            Store::Redis(server) | Store::Postgres(server) => {
                secrets.push(server.password.as_ref());
            }
        }
        read.extend(
            secrets
                .into_iter()
                .flatten()
                .filter_map(|secret| match secret {
                    SecretSource::File(path) => Some(path.clone()),
                    SecretSource::Variable(_) => None,
                }),
        );
        write.extend(self.journal().folder.clone());
        Files {
            read,
            write,
            write_in_state: vec![acme.folder.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::keys::{self, Kind};
    use crate::load;

    #[test]
    fn every_key_that_names_a_file_is_listed() {
        let text = r#"
            version = 1
            [password]
            [[password.form]]
            kind = "passphrase"
            words = 7
            word-list = "F-word-list"
            [password.guess.lists]
            french = "F-french"
            [password.refuse]
            lists = ["F-lists"]
            breached = "F-breached"
            [hash]
            pepper = { file = "F-pepper" }
            [access]
            store = "redis://127.0.0.1:6379/0"
            key = { file = "F-key" }
            store-password = { file = "F-store-password" }
            [journal]
            folder = "F-folder"
            [transport.acme]
            agree-to-terms = true
            folder = "F-acme"
            root = "F-root"
            external-account = "a"
            external-account-key = { file = "F-external-account-key" }
            [[site]]
            hosts = ["a.fr"]
            upstream = "https://127.0.0.1:1"
            origin.root = "F-root-of-origins"
            refusal-page = "F-refusal-page"
            certificate = { chain = "F-chain", key = "F-certificate" }
            client-certificates = { authorities = "F-authorities", revoked = "F-revoked" }
        "#;
        let loaded = load(text).unwrap_or_else(|report| panic!("{report:?}"));
        let files = loaded.policy.files();
        let all = [files.read, files.write, files.write_in_state].concat();
        let all: Vec<_> = all.iter().map(|path| path.to_string_lossy()).collect();
        let written = text.matches("\"F-").count();
        assert_eq!(all.len(), written, "{all:?}");
        // A new key that names a file belongs in the text above.
        for (path, key) in keys::all() {
            let is_file = matches!(key.kind, Kind::Path | Kind::Secret | Kind::Certificate(_));
            let first = ["english", "first-names", "surnames", "towns", "others"];
            if is_file && !first.contains(&key.name) {
                let listed = all
                    .iter()
                    .any(|file| file.contains(&format!("F-{}", key.name)));
                assert!(listed, "{path}: {all:?}");
            }
        }
    }
}

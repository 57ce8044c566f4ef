//! Why a text is not a foreign hash that can be verified, and what to do.
//!
//! Clauses: CNIL 2022-100, conservation (a function made for the purpose, kept up to date);
//! the CNIL fined EDF and Doctissimo for tables left in MD5. Every message names the way
//! out: accept, wrap, correct the value, or have the password reset. None quotes the text.

use std::fmt;

use policy::Language;
use policy::hash::LegacyFormat;

use super::weak::Weak;

/// Why a text is not a foreign hash that can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignError {
    /// Longer than any hash.
    TooLong,
    /// Like no format known here.
    Unknown,
    /// In this notation, but not as its writers write it.
    Malformed(Notation),
    /// In this notation, and asking for more work than one sign-in may take.
    Cost(Notation),
    /// Too weak to be verified as it is: wrap it in Argon2.
    OnlyWrapped(Weak),
    /// Known by name, and not computed here.
    Unsupported(Unsupported),
    /// Not a hash: the password itself.
    Plaintext,
    /// Strong enough to be verified as it is, and so not wrapped.
    NotWrapped,
    /// Not a recipe that [`Recipe`](super::Recipe) wrote.
    Recipe,
}

/// What was taken apart: a hash to verify, or one only to wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Foreign(LegacyFormat),
    Weak(Weak),
}

/// A way to write a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notation {
    /// `$2a$`, `$2b$`, `$2y$`; PHP's and most others' bcrypt.
    Bcrypt,
    /// `$wp$2y$`, WordPress since 6.8.
    WordPress,
    /// `bcrypt$` and `bcrypt_sha256$`.
    DjangoBcrypt,
    /// `pbkdf2_sha256$` and `pbkdf2_sha1$`.
    DjangoPbkdf2,
    /// `scrypt$`.
    DjangoScrypt,
    /// `md5$` and `sha1$`.
    DjangoDigest,
    /// `argon2$argon2id$`.
    DjangoArgon2,
    /// `$pbkdf2-sha256$`, `$pbkdf2-sha512$` and `$pbkdf2$` of passlib.
    PasslibPbkdf2,
    /// `$pbkdf2-sha256$i=…`, the form of the PHC.
    PhcPbkdf2,
    /// `$scrypt$ln=…`.
    PhcScrypt,
    /// `pbkdf2:sha256:…`.
    WerkzeugPbkdf2,
    /// `scrypt:…`.
    WerkzeugScrypt,
    /// `{pbkdf2}`.
    SpringPbkdf2,
    /// `{scrypt}`.
    SpringScrypt,
    /// `{MD5}{…}`, `{SHA-1}{…}`, `{SHA-256}{…}`.
    SpringDigest,
    /// The JSON of a credential.
    Keycloak,
    /// `$5$` and `$6$`.
    ShaCrypt,
    /// `$y$`.
    Yescrypt,
    /// `$P$` and `$H$`.
    Phpass,
    /// `{SSHA}` and its family.
    Ldap,
    /// `{PBKDF2-SHA256}` and its family.
    LdapPbkdf2,
    /// `$1$` and `$apr1$`.
    Md5Crypt,
}

/// A format known by name and not computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// `$2x$`: a bcrypt that confuses passwords with accents.
    Bcrypt2x,
    /// `$7$`: the scrypt of libxcrypt.
    Scrypt7,
    /// `$gy$`: yescrypt below a GOST digest.
    GostYescrypt,
    /// `$y$` with other settings than `crypt(3)` writes.
    YescryptFlavour,
    /// `$md5`, `$sha1$`, `$3$`, `_`: the other methods of `crypt(3)`.
    OtherCrypt,
    /// DES: 13 signs, of which the password gives eight characters.
    DesCrypt,
    /// `$S$`, Drupal 7.
    Drupal,
    /// An identifier in braces that is not known.
    Braces,
}

impl ForeignError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "foreign-too-long",
            Self::Unknown => "foreign-unknown",
            Self::Malformed(_) => "foreign-malformed",
            Self::Cost(_) => "foreign-cost",
            Self::OnlyWrapped(_) => "foreign-only-wrapped",
            Self::Unsupported(_) => "foreign-unsupported",
            Self::Plaintext => "foreign-plaintext",
            Self::NotWrapped => "foreign-not-wrapped",
            Self::Recipe => "foreign-recipe",
        }
    }

    /// What is wrong, and what to do.
    pub fn message(self, language: Language) -> String {
        let (fr, en): (String, String) = match self {
            Self::TooLong => (
                "La valeur est plus longue que toute empreinte connue ; vérifiez qu’une seule empreinte a été copiée.".into(),
                "The value is longer than any hash known; check that a single hash was copied.".into(),
            ),
            Self::Unknown => (
                "Cette valeur ne ressemble à aucune empreinte connue ; vérifiez qu’elle est entière. Si elle l’est, faites réinitialiser le mot de passe de ce compte.".into(),
                "This value is like no hash known; check that it is whole. If it is, have this account reset its password.".into(),
            ),
            Self::Malformed(notation) => {
                let form = notation.form();
                (
                    format!("Cette empreinte commence comme {}, mais ne se lit pas ; attendu : {form}. La valeur est sans doute tronquée ou modifiée : reprenez-la à la source.", notation.name(Language::Fr)),
                    format!("This hash begins like {}, but cannot be read; expected: {form}. The value is probably cut or changed: take it from its source again.", notation.name(Language::En)),
                )
            }
            Self::Cost(notation) => (
                format!("Cette empreinte ({}) demande plus de calcul qu’une connexion ne peut en prendre ; faites réinitialiser le mot de passe de ce compte.", notation.name(Language::Fr)),
                format!("This hash ({}) asks for more work than one sign-in may take; have this account reset its password.", notation.name(Language::En)),
            ),
            Self::OnlyWrapped(weak) => (
                format!("Cette empreinte ({}) est trop faible pour être vérifiée telle quelle ; enveloppez la table entière dans Argon2, sans attendre les connexions.", weak.name(Language::Fr)),
                format!("This hash ({}) is too weak to be verified as it is; wrap the whole table in Argon2, without waiting for sign-ins.", weak.name(Language::En)),
            ),
            Self::Unsupported(what) => {
                let (fr, en) = what.reason();
                (
                    format!("{fr} ; faites réinitialiser le mot de passe de ce compte."),
                    format!("{en}; have this account reset its password."),
                )
            }
            Self::Plaintext => (
                "Cette valeur est le mot de passe en clair, pas une empreinte ; hachez toute la table, effacez l’original et faites changer les mots de passe.".into(),
                "This value is the password in clear, not a hash; hash the whole table, erase the original and have the passwords changed.".into(),
            ),
            Self::NotWrapped => (
                "Cette empreinte se vérifie telle quelle ; gardez-la, et inscrivez son format dans `accept` de [hash] si ce n’est pas de l’Argon2.".into(),
                "This hash is verified as it is; keep it, and list its format in `accept` of [hash] if it is not Argon2.".into(),
            ),
            Self::Recipe => (
                "Le début de cette empreinte enveloppée ne se lit pas ; reprenez la valeur dans une sauvegarde, ou faites réinitialiser le mot de passe de ce compte.".into(),
                "The beginning of this wrapped hash cannot be read; take the value from a backup, or have this account reset its password.".into(),
            ),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ForeignError {}

impl Notation {
    /// Every notation.
    pub const ALL: [Self; 22] = [
        Self::Bcrypt,
        Self::WordPress,
        Self::DjangoBcrypt,
        Self::DjangoPbkdf2,
        Self::DjangoScrypt,
        Self::DjangoDigest,
        Self::DjangoArgon2,
        Self::PasslibPbkdf2,
        Self::PhcPbkdf2,
        Self::PhcScrypt,
        Self::WerkzeugPbkdf2,
        Self::WerkzeugScrypt,
        Self::SpringPbkdf2,
        Self::SpringScrypt,
        Self::SpringDigest,
        Self::Keycloak,
        Self::ShaCrypt,
        Self::Yescrypt,
        Self::Phpass,
        Self::Ldap,
        Self::LdapPbkdf2,
        Self::Md5Crypt,
    ];

    /// What people call it, to follow "like".
    pub const fn name(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Bcrypt => ("du bcrypt", "bcrypt"),
            Self::WordPress => ("le bcrypt de WordPress", "WordPress's bcrypt"),
            Self::DjangoBcrypt => ("le bcrypt de Django", "Django's bcrypt"),
            Self::DjangoPbkdf2 => ("le PBKDF2 de Django", "Django's PBKDF2"),
            Self::DjangoScrypt => ("le scrypt de Django", "Django's scrypt"),
            Self::DjangoDigest => ("le MD5 ou le SHA-1 de Django", "Django's MD5 or SHA-1"),
            Self::DjangoArgon2 => ("l’Argon2 de Django", "Django's Argon2"),
            Self::PasslibPbkdf2 => ("le PBKDF2 de passlib", "passlib's PBKDF2"),
            Self::PhcPbkdf2 => ("le PBKDF2 du PHC", "the PHC's PBKDF2"),
            Self::PhcScrypt => ("le scrypt du PHC", "the PHC's scrypt"),
            Self::WerkzeugPbkdf2 => ("le PBKDF2 de Werkzeug", "Werkzeug's PBKDF2"),
            Self::WerkzeugScrypt => ("le scrypt de Werkzeug", "Werkzeug's scrypt"),
            Self::SpringPbkdf2 => ("le PBKDF2 de Spring", "Spring's PBKDF2"),
            Self::SpringScrypt => ("le scrypt de Spring", "Spring's scrypt"),
            Self::SpringDigest => ("le condensé simple de Spring", "Spring's plain digest"),
            Self::Keycloak => ("un justificatif de Keycloak", "a credential of Keycloak"),
            Self::ShaCrypt => ("le SHA de crypt(3)", "the SHA of crypt(3)"),
            Self::Yescrypt => ("du yescrypt", "yescrypt"),
            Self::Phpass => ("du phpass", "phpass"),
            Self::Ldap => (
                "un condensé d’annuaire LDAP",
                "a digest of an LDAP directory",
            ),
            Self::LdapPbkdf2 => (
                "le PBKDF2 d’un annuaire LDAP",
                "the PBKDF2 of an LDAP directory",
            ),
            Self::Md5Crypt => ("le MD5 de crypt(3)", "the MD5 of crypt(3)"),
        };
        match language {
            Language::Fr => fr,
            Language::En => en,
        }
    }

    /// Its form, the same in both languages.
    pub const fn form(self) -> &'static str {
        match self {
            Self::Bcrypt => "$2y$12$…, 60 signs",
            Self::WordPress => "$wp$2y$12$…, 63 signs",
            Self::DjangoBcrypt => "bcrypt_sha256$$2b$12$…",
            Self::DjangoPbkdf2 => "pbkdf2_sha256$N$SALT$BASE64",
            Self::DjangoScrypt => "scrypt$N$SALT$r$p$BASE64",
            Self::DjangoDigest => "sha1$SALT$HEX",
            Self::DjangoArgon2 => "argon2$argon2id$v=19$m=…,t=…,p=…$SALT$TAG",
            Self::PasslibPbkdf2 => "$pbkdf2-sha256$N$SALT$BASE64",
            Self::PhcPbkdf2 => "$pbkdf2-sha256$i=N,l=32$SALT$BASE64",
            Self::PhcScrypt => "$scrypt$ln=17,r=8,p=1$SALT$BASE64",
            Self::WerkzeugPbkdf2 => "pbkdf2:sha256:N$SALT$HEX",
            Self::WerkzeugScrypt => "scrypt:N:r:p$SALT$HEX",
            Self::SpringPbkdf2 => "{pbkdf2@SpringSecurity_v5_8}HEX",
            Self::SpringScrypt => "{scrypt@SpringSecurity_v5_8}$HEX$SALT$BASE64",
            Self::SpringDigest => "{SHA-256}{SALT}HEX",
            Self::Keycloak => "{\"credentialData\": …, \"secretData\": …}",
            Self::ShaCrypt => "$6$rounds=N$SALT$…",
            Self::Yescrypt => "$y$j9T$SALT$…",
            Self::Phpass => "$P$B…, 34 signs",
            Self::Ldap => "{SSHA}BASE64",
            Self::LdapPbkdf2 => "{PBKDF2-SHA256}N$SALT$BASE64",
            Self::Md5Crypt => "$1$SALT$…",
        }
    }
}

impl Unsupported {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Bcrypt2x,
        Self::Scrypt7,
        Self::GostYescrypt,
        Self::YescryptFlavour,
        Self::OtherCrypt,
        Self::DesCrypt,
        Self::Drupal,
        Self::Braces,
    ];

    const fn reason(self) -> (&'static str, &'static str) {
        match self {
            Self::Bcrypt2x => (
                "Les empreintes $2x$ viennent d’un bcrypt fautif, où plusieurs mots de passe accentués n’en font qu’un",
                "Hashes that begin with $2x$ come from a faulty bcrypt, where several passwords with accents become one",
            ),
            Self::Scrypt7 => (
                "Le scrypt de crypt(3) ($7$) ne se vérifie pas ici",
                "The scrypt of crypt(3) ($7$) is not verified here",
            ),
            Self::GostYescrypt => (
                "Le yescrypt sur GOST ($gy$) ne se vérifie pas ici",
                "Yescrypt over GOST ($gy$) is not verified here",
            ),
            Self::YescryptFlavour => (
                "Ce yescrypt ($y$) a des réglages que crypt(3) n’écrit pas",
                "This yescrypt ($y$) has settings that crypt(3) does not write",
            ),
            Self::OtherCrypt => (
                "Cette méthode de crypt(3) ne se vérifie pas ici",
                "This method of crypt(3) is not verified here",
            ),
            Self::DesCrypt => (
                "Le DES de crypt(3) ne garde que huit caractères du mot de passe, si bien que l’envelopper ne le sauverait pas",
                "The DES of crypt(3) keeps eight characters of the password only, so wrapping it would not save it",
            ),
            Self::Drupal => (
                "L’empreinte de Drupal 7 ($S$) ne se vérifie pas ici",
                "The hash of Drupal 7 ($S$) is not verified here",
            ),
            Self::Braces => (
                "L’identifiant entre accolades n’est pas connu",
                "The identifier in braces is not known",
            ),
        }
    }
}

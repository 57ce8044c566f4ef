//! `--observe`: what the policy would refuse or mend is noted, and nothing of it is done.
//!
//! A stage that would refuse asks [`Passing`](crate::stages) to relax; what is noted goes into the
//! line of the access log, the metrics and the page of the admin listener, so that an operator
//! reads for a week what would change and mends the site first.
//!
//! Only what the policy decides is relaxed. Never relaxed, because it is no matter of policy:
//! framing, hosts that nobody knows, `CONNECT` and `TRACE`, loops, deadlines, the cap of all
//! connections, the checks of an origin's answer, and the refusal to serve a site in clear. A
//! message that two programs frame in two ways is dangerous whatever one hopes to learn from it.
//!
//! Clauses: none asks for this mode. While it runs, the clauses that its kinds name do not hold.

use http::HeaderMap;
use http::header::{
    CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderName,
    LOCATION, REFERRER_POLICY, REFRESH, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use policy::Text;

/// What would have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Observed {
    /// Credentials in clear refused; they are redirected instead.
    Credentials,
    /// A plain request refused; it is redirected instead.
    Cleartext,
    /// A connection over the cap of its source closed; it is served.
    Source,
    /// A host that is not on the certificate of the connection refused; it is served.
    Certificate,
    /// A port that is none of the gate's refused; it is passed on.
    Port,
    /// An unknown expectation refused; it is ignored.
    Expectation,
    /// A body over the limit refused; it passes.
    Body,
    /// A field name with `_` or `.` refused; the field is left out.
    FieldName,
    /// Cookies mended; they pass as they are.
    Cookies,
    /// Places mended; they pass as they are.
    Location,
    /// Insecure links upgraded by a field; it is not added.
    Insecure,
    /// Security fields added; they are not.
    Fields,
    /// A redirect to the very address asked for stopped; it passes.
    Loop,
    /// A page rewritten; it passes as it is.
    Page,
    /// A weak password refused; it passes.
    WeakPassword,
    /// A form that can be read in two ways refused; it passes.
    UnclearForm,
    /// A side door shut; it stays open.
    ClosedForm,
    /// A sign-in delayed or blocked; it passes.
    SignIn,
}

impl Observed {
    pub(crate) const ALL: [Self; 18] = [
        Self::Credentials,
        Self::Cleartext,
        Self::Source,
        Self::Certificate,
        Self::Port,
        Self::Expectation,
        Self::Body,
        Self::FieldName,
        Self::Cookies,
        Self::Location,
        Self::Insecure,
        Self::Fields,
        Self::Loop,
        Self::Page,
        Self::WeakPassword,
        Self::UnclearForm,
        Self::ClosedForm,
        Self::SignIn,
    ];

    /// Its name in the log and the metrics: kebab-case, unique and stable.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Credentials => "credentials-in-clear",
            Self::Cleartext => "cleartext",
            Self::Source => "connections-per-source",
            Self::Certificate => "not-on-certificate",
            Self::Port => "foreign-port",
            Self::Expectation => "unknown-expectation",
            Self::Body => "body-too-large",
            Self::FieldName => "field-name",
            Self::Cookies => "cookies",
            Self::Location => "location",
            Self::Insecure => "upgrade-insecure",
            Self::Fields => "security-fields",
            Self::Loop => "endless-redirect",
            Self::Page => "html",
            Self::WeakPassword => "weak-password",
            Self::UnclearForm => "unclear-form",
            Self::ClosedForm => "closed-form",
            Self::SignIn => "sign-in",
        }
    }

    /// What would have been done, and what to do before it is.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Credentials => Text::new(
                "Identifiants envoyés en clair : seraient refusés. Corrigez les formulaires et les clients qui emploient http.",
                "Credentials sent in clear: would be refused. Mend the forms and clients that use http.",
            ),
            Self::Cleartext => Text::new(
                "Requêtes en clair : seraient refusées. Corrigez les clients, ou écrivez redirect = \"https\".",
                "Plain requests: would be refused. Mend the clients, or write redirect = \"https\".",
            ),
            Self::Source => Text::new(
                "Connexions au-delà du plafond d’une source : seraient fermées. Ajoutez vos intermédiaires à trusted-proxies, ou relevez connections-per-source.",
                "Connections over the cap of a source: would be closed. Add your intermediaries to trusted-proxies, or raise connections-per-source.",
            ),
            Self::Certificate => Text::new(
                "Nom absent du certificat de la connexion : serait refusé (421). Demandez un certificat qui porte tous les noms.",
                "A name that is not on the certificate of the connection: would be refused (421). Ask for a certificate with every name.",
            ),
            Self::Port => Text::new(
                "Port d’une autre écoute dans « Host » : serait refusé (421). Publiez la porte sur le port de transport.https, ou nommez l’intermédiaire dans trusted-proxies.",
                "The port of another listener in “Host”: would be refused (421). Publish the gate on the port of transport.https, or name the intermediary in trusted-proxies.",
            ),
            Self::Expectation => Text::new(
                "« Expect » inconnu : serait refusé (417). Corrigez le client.",
                "An unknown “Expect”: would be refused (417). Mend the client.",
            ),
            Self::Body => Text::new(
                "Corps au-delà de la limite : serait refusé (413). Relevez max-body du site, s’il le faut.",
                "A body over the limit: would be refused (413). Raise max-body of the site, if need be.",
            ),
            Self::FieldName => Text::new(
                "Champ dont le nom contient « _ » ou « . » : la requête serait refusée (400). Renommez-le avec « - ».",
                "A field with “_” or “.” in its name: the request would be refused (400). Rename it with “-”.",
            ),
            Self::Cookies => Text::new(
                "Cookies : seraient corrigés (Secure, HttpOnly, SameSite). Vérifiez que le site s’en accommode.",
                "Cookies: would be mended (Secure, HttpOnly, SameSite). Check that the site can do with that.",
            ),
            Self::Location => Text::new(
                "Adresses en http du site : seraient corrigées en https. Rien à faire.",
                "Addresses of the site in http: would be mended to https. Nothing to do.",
            ),
            Self::Insecure => Text::new(
                "Liens en http : les navigateurs seraient priés de les lire en https. Vérifiez les contenus d’autres sites.",
                "Links in http: browsers would be asked to read them over https. Check what comes from other sites.",
            ),
            Self::Fields => Text::new(
                "Champs de sécurité : seraient ajoutés. Vérifiez que le site n’est pas montré dans un cadre ailleurs.",
                "Security fields: would be added. Check that the site is not shown in a frame elsewhere.",
            ),
            Self::Loop => Text::new(
                "Redirection vers l’adresse même qui est demandée : serait arrêtée (502). Faites lire X-Forwarded-Proto à l’origine.",
                "A redirect to the very address asked for: would be stopped (502). Make the origin read X-Forwarded-Proto.",
            ),
            Self::Page => Text::new(
                "Pages : leurs adresses en http seraient réécrites. Rien à faire.",
                "Pages: their addresses in http would be rewritten. Nothing to do.",
            ),
            Self::WeakPassword => Text::new(
                "Mots de passe choisis trop faibles : seraient refusés (422). Prévenez vos utilisateurs des règles.",
                "Passwords chosen that are too weak: would be refused (422). Tell your users the rules.",
            ),
            Self::UnclearForm => Text::new(
                "Formulaires qui se lisent de deux façons : seraient refusés. Corrigez les [[site.form]] ou le client.",
                "Forms that can be read in two ways: would be refused. Mend the [[site.form]] tables or the client.",
            ),
            Self::ClosedForm => Text::new(
                "Portes de côté : seraient fermées (403). Vérifiez que personne ne s’en sert.",
                "Side doors: would be shut (403). Check that nobody uses them.",
            ),
            Self::SignIn => Text::new(
                "Connexions après trop d’échecs : seraient refusées (429). Vérifiez les règles success des formulaires.",
                "Sign-ins after too many failures: would be refused (429). Check the success rules of the forms.",
            ),
        }
    }
}

/// Some kinds, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Set(u32);

impl Set {
    /// Adds a kind. Whether it was not there.
    pub(crate) const fn add(&mut self, observed: Observed) -> bool {
        let bit = 1 << observed as u32;
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Observed> {
        Observed::ALL
            .into_iter()
            .filter(move |observed| self.0 & (1 << *observed as u32) != 0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Fields that the gate adds where the origin forgot them.
const SECURITY: [HeaderName; 6] = [
    CONTENT_SECURITY_POLICY_REPORT_ONLY,
    REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
    HeaderName::from_static("cross-origin-opener-policy"),
    HeaderName::from_static("permissions-policy"),
];

/// What `repair` would change in the head of an answer, which stays as it is.
pub(crate) fn repairs(headers: &HeaderMap, repair: impl FnOnce(&mut HeaderMap)) -> Set {
    let mut repaired = headers.clone();
    repair(&mut repaired);
    let differs = |name: &HeaderName| {
        let (before, after) = (headers.get_all(name), repaired.get_all(name));
        !before.iter().eq(after.iter())
    };
    let mut set = Set::default();
    for (fields, observed) in [
        (&[SET_COOKIE][..], Observed::Cookies),
        (&[LOCATION, CONTENT_LOCATION, REFRESH], Observed::Location),
        (&[CONTENT_SECURITY_POLICY], Observed::Insecure),
        (&SECURITY, Observed::Fields),
    ] {
        if fields.iter().any(differs) {
            set.add(observed);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_kind_has_its_place_a_name_and_words_in_both_languages() {
        let mut codes = BTreeSet::new();
        for (place, observed) in Observed::ALL.into_iter().enumerate() {
            assert_eq!(observed as usize, place);
            assert!(codes.insert(observed.code()));
            let text = observed.text();
            assert!(text.fr != text.en && text.fr.ends_with('.') && text.en.ends_with('.'));
        }
        assert_eq!(Observed::SignIn as usize + 1, Observed::ALL.len());
    }

    #[test]
    fn a_set_keeps_each_kind_once() {
        let mut set = Set::default();
        assert!(set.is_empty());
        assert!(set.add(Observed::Body) && !set.add(Observed::Body));
        assert!(set.add(Observed::Credentials));
        let kinds: Vec<_> = set.iter().collect();
        assert_eq!(kinds, [Observed::Credentials, Observed::Body]);
    }

    #[test]
    fn what_a_repair_would_change_is_told_and_not_done() {
        let mut headers = HeaderMap::new();
        headers.insert(SET_COOKIE, HeaderValue::from_static("a=1"));
        headers.insert(LOCATION, HeaderValue::from_static("/here"));
        let before = headers.clone();
        let set = repairs(&headers, |headers| {
            headers.insert(SET_COOKIE, HeaderValue::from_static("a=1; Secure"));
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("x"));
        });
        let kinds: Vec<_> = set.iter().collect();
        assert_eq!(kinds, [Observed::Cookies, Observed::Insecure]);
        assert_eq!(headers, before);
    }
}

//! Asks the crate about one request and tells what it said in a word or two.

use form::{Ambiguity, Forms, Head, Reading, Recognised};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The forms of a site whose tables are these.
pub(crate) fn forms(tables: &str) -> Forms {
    let text = format!(
        "version = 1\n[[site]]\nhosts = [\"a.fr\"]\nupstream = \"http://[::1]\"\n\
         certificate = \"dev\"\n{tables}"
    );
    let loaded = policy::load(&text).unwrap_or_else(|report| {
        panic!(
            "{}",
            report.render("policy.toml", &text, policy::Language::En, false)
        )
    });
    Forms::new(&loaded.policy.sites()[0].forms)
}

/// A request: method and target, then fields, one a line. What it was taken for, in a word or two.
pub(crate) fn told(forms: &Forms, head: &str, body: &[u8]) -> String {
    match asked(forms, head, body, words) {
        Ok(told) => told,
        Err(Recognised::Free) => "free".to_owned(),
        Err(Recognised::Closed(_)) => "closed".to_owned(),
        Err(Recognised::Refused(ambiguity)) => ambiguity.code().to_owned(),
        Err(Recognised::Protected(_)) => unreachable!("it was read"),
    }
}

/// The same, as the crate gives it once the request is read.
pub(crate) fn asked<T>(
    forms: &Forms,
    head: &str,
    body: &[u8],
    tell: impl FnOnce(Result<Reading, Ambiguity>) -> T,
) -> Result<T, Recognised> {
    let mut lines = head.lines();
    let first = lines.next().expect("a request line");
    let (method, target) = first.split_once(' ').expect("a method and a target");
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a field");
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        );
    }
    let head = Head {
        method,
        path,
        query,
        headers: &headers,
        has_body: !body.is_empty(),
    };
    let candidates = match forms.recognise(&head) {
        Recognised::Protected(candidates) => candidates,
        other => return Err(other),
    };
    let body = if candidates.needs_body() { body } else { &[] };
    Ok(tell(candidates.read(&head, body)))
}

fn words(read: Result<Reading, Ambiguity>) -> String {
    match read {
        Ok(Reading::Nothing) => "nothing".to_owned(),
        Ok(Reading::Closed(_)) => "closed".to_owned(),
        Err(ambiguity) => ambiguity.code().to_owned(),
        Ok(Reading::Filled(filled)) => {
            let mut told = Vec::new();
            for sign_in in filled.sign_ins {
                let who = sign_in.identifier.as_ref().map_or("?", |who| who.expose());
                told.push(format!("in {who}:{}", sign_in.password.expose()));
            }
            if let Some(new) = filled.new {
                let context: Vec<&str> = new.context().collect();
                told.push(format!("new {}", new.password.expose()));
                told.extend(
                    new.current
                        .iter()
                        .map(|current| format!("was {}", current.expose())),
                );
                told.extend(context.iter().map(|word| format!("+{word}")));
            }
            told.join(" ")
        }
    }
}

pub(crate) const URLENCODED: &str = "content-type: application/x-www-form-urlencoded";

/// A sign-up at `/join`, a sign-in at `/login`.
pub(crate) fn plain() -> Forms {
    forms(
        "[[site.form]]\nkind = \"sign-up\"\npath = \"/join\"\npassword = \"pass\"\n\
         confirm = \"again\"\nidentifier = \"user\"\ncontext = [\"name\"]\n\
         encoding = [\"urlencoded\", \"multipart\", \"json\"]\n\
         [[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\npassword = \"pass\"\n\
         identifier = \"user\"\nsuccess = [{ status = \"302\" }]\n",
    )
}

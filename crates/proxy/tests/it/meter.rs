//! The meter of a form: what a page gets, what the script is told, and to whom nothing is said.

use tokio::io::AsyncWriteExt;

use crate::forms::{STRONG, post};
use crate::support::{Answer, HOST, Origin, Setting, World};

/// A password that must be nowhere.
const CANARY: &str = "azertyuiop1987";

const SIGN_UP: &str = "[[site.form]]\nkind = \"sign-up\"\npath = \"/register\"\nidentifier = \"login\"\n\
                       context = [\"mail <x>\"]\npassword = \"pass\"\nconfirm = \"again\"\n";
const SIGN_IN: &str = "[[site.form]]\nkind = \"sign-in\"\npath = \"/login\"\nidentifier = \"login\"\n\
                       password = \"pass\"\nattributes = true\nsuccess = [{ status = \"302\" }]\n";
const CHANGE: &str = "[[site.form]]\nkind = \"change\"\npath = \"/api/*\"\nencoding = [\"json\"]\n\
                      current = \"old\"\npassword = \"new\"\nmeter = true\n";

fn setting(meter: bool, attributes: bool) -> Setting {
    Setting {
        transport: "admin = { listen = \"127.0.0.1:0\" }",
        site: format!(
            "{SIGN_UP}meter = {meter}\nattributes = {attributes}\n{SIGN_IN}{}",
            if meter { CHANGE } else { "" }
        ),
        ..Setting::default()
    }
}

/// An origin with one page, and fields of its head.
async fn page(fields: &'static str, page: &str) -> Origin {
    let page = page.to_owned();
    Origin::answering(move |_| {
        let length = page.len();
        format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {length}\r\n\r\n{page}").into_bytes()
    })
    .await
}

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";
const METER: &str = "data-rempart-meter=\"[&quot;login&quot;,&quot;mail &lt;x>&quot;]\"";

/// A page from `/in/page?x=1` without its script, and whether it had one.
async fn marked(world: &World) -> (String, bool) {
    let answer = world.get("/in/page?x=1").await;
    assert!(answer.complete);
    let text = answer.text();
    let Some(at) = text.find("<script src=\"/.rempart/meter.js?v=") else {
        return (text, false);
    };
    let end = at + text[at..].find("</script>").expect("an end") + "</script>".len();
    assert!(
        text[at..end].ends_with("\" defer=\"defer\"></script>"),
        "{text}"
    );
    (format!("{}{}", &text[..at], &text[end..]), true)
}

#[tokio::test]
async fn the_field_of_a_form_gets_a_meter_and_nothing_else_changes() {
    let field = "<input type=password name=pass>";
    let metered = format!("<input type=password name=pass {METER}>");
    let form =
        |tag: &str, inside: &str| format!("<body><p>é</p><form {tag}>{inside}</form></body>");
    for (tag, meter) in [
        ("method=post action=/register", true),
        ("method=POST action='../register'", true),
        (
            "method=post action=\"https://www.example.test/register?a=1&amp;b\"",
            true,
        ),
        ("method=post action=http://www.example.test/register", true),
        ("method=post action=/login", false),
        ("method=post action=/other", false),
        ("method=post action=//register", false),
        (
            "method=post action=https://other.example.test/register",
            false,
        ),
        ("method=post", false),
        ("action=/register", false),
        ("method=get action=/register", false),
    ] {
        let before = form(tag, field);
        let origin = page(HTML, &before).await;
        let world = World::with(origin.address, setting(true, false)).await;
        let found = marked(&world).await;
        // The sign-in form has attributes.
        let inside = match (meter, tag.contains("/login")) {
            (true, _) => metered.as_str(),
            (false, true) => "<input type=password name=pass autocomplete=\"current-password\">",
            (false, false) => field,
        };
        assert_eq!(found, (form(tag, inside), meter), "{tag}");
        // The page was asked for without compression, since this one can be read.
        let request = format!(
            "GET /in/page HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
        );
        assert_eq!(world.ask(&request).await.status, 200);
        let seen = origin.seen();
        let last = seen.last().expect("a request");
        assert_eq!(last.all("accept-encoding"), ["identity"]);
    }
    // Neither another type, nor a field that nobody types into, nor a site that only looks on.
    let whole = form("method=post action=/register", field);
    let hidden = whole.replace("type=password", "type=hidden");
    for (fields, before, observe) in [
        ("Content-Type: text/plain\r\n", &whole, false),
        (
            "Content-Type: text/html\r\nContent-Encoding: br\r\n",
            &whole,
            false,
        ),
        (HTML, &hidden, false),
        (HTML, &whole, true),
    ] {
        let origin = page(fields, before).await;
        let setting = Setting {
            observe,
            ..setting(true, false)
        };
        let world = World::with(origin.address, setting).await;
        assert_eq!(marked(&world).await, (before.clone(), false), "{fields}");
    }
}

#[tokio::test]
async fn a_script_may_send_a_form_that_names_no_address() {
    for (before, after) in [
        (
            "<form id=f><input name=old type=password><input name=new type=password></form>",
            "<form id=f><input name=old type=password><input name=new type=password data-rempart-meter=\"[]\"></form>",
        ),
        (
            "<input name=new>",
            "<input name=new data-rempart-meter=\"[]\">",
        ),
        (
            "<base href=https://other.example.test/><form method=post action=api/x><input name=new></form>",
            "<base href=https://other.example.test/><form method=post action=api/x><input name=new></form>",
        ),
    ] {
        let origin = page(HTML, before).await;
        let world = World::with(origin.address, setting(true, false)).await;
        assert_eq!(marked(&world).await, (after.to_owned(), before != after));
    }
}

#[tokio::test]
async fn fields_say_what_they_are_for_where_the_page_says_nothing() {
    let rules = "passwordrules=\"minlength: 12; maxlength: 256; required: lower; required: upper; \
                 required: digit; required: [-!&quot;#$%&amp;'()*+,./:;&lt;=>?@[\\^_`{|}~]];\"";
    for (before, after) in [
        (
            "<input name=pass>",
            format!("<input name=pass autocomplete=\"new-password\" {rules} minlength=\"12\">"),
        ),
        (
            "<input name=again autocomplete=OFF minlength=4>",
            format!("<input name=again autocomplete=\"new-password\" minlength=4 {rules}>"),
        ),
        (
            "<input name=pass autocomplete=one-time-code passwordrules='' maxlength=8>",
            "<input name=pass autocomplete=one-time-code passwordrules='' maxlength=8>".to_owned(),
        ),
        (
            "<input name=login type=email>",
            "<input name=login type=email autocomplete=\"username\">".to_owned(),
        ),
        (
            "<input name=pass type=submit>",
            "<input name=pass type=submit>".to_owned(),
        ),
        ("<input name=q>", "<input name=q>".to_owned()),
    ] {
        let form = |inside: &str| format!("<form method=post action=/register>{inside}</form>");
        let origin = page(HTML, &form(before)).await;
        let world = World::with(origin.address, setting(false, true)).await;
        assert_eq!(marked(&world).await, (form(&after), false), "{before}");
        // Nothing answers at the paths of a meter that is not there.
        assert_ne!(world.get("/.rempart/meter.js").await.text(), "");
        assert_eq!(origin.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_page_whose_policy_admits_no_script_of_its_own_stays_and_is_counted() {
    let body = "<form method=post action=/register><input name=pass></form>";
    for (fields, inside, meter) in [
        ("Content-Security-Policy: default-src 'self'\r\n", "", true),
        (
            "Content-Security-Policy: img-src *, script-src 'nonce-a'\r\n",
            "",
            false,
        ),
        (
            "Content-Security-Policy: script-src 'self' 'strict-dynamic' 'nonce-a'\r\n",
            "",
            false,
        ),
        (
            "",
            "<meta http-equiv=content-security-policy content=\"script-src 'none'\">",
            false,
        ),
    ] {
        let before = format!("{inside}{body}");
        let all: &'static str = Box::leak(format!("{HTML}{fields}").into_boxed_str());
        let origin = page(all, &before).await;
        let world = World::with(origin.address, setting(true, false)).await;
        let (text, has) = marked(&world).await;
        assert_eq!(has, meter, "{fields}");
        assert_eq!(text == before, !meter, "{fields} {text}");
        let count = world.metric("meter-forbidden").await;
        assert_eq!(count, u64::from(!meter), "{fields}");
    }
}

#[tokio::test]
async fn the_script_may_be_kept_by_its_version() {
    let origin = page(
        HTML,
        "<form method=post action=/register><input name=pass></form>",
    )
    .await;
    let world = World::with(origin.address, setting(true, false)).await;
    let text = world.get("/").await.text();
    let at = text.find("/.rempart/meter.js?v=").expect("a script");
    let address = text[at..].split('"').next().expect("an address").to_owned();
    for (address, cache) in [
        (address.as_str(), "public, max-age=31536000, immutable"),
        ("/.rempart/meter.js?v=0", "no-cache"),
        ("/.rempart/meter.js", "no-cache"),
    ] {
        let answer = world.get(address).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.one("cache-control"), cache, "{address}");
        assert_eq!(answer.one("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.one("x-content-type-options"), "nosniff");
        assert_eq!(answer.all("strict-transport-security").len(), 1);
        assert!(answer.text().starts_with("// @ts-check"));
    }
    let answer = world.ask(&post("/.rempart/meter.js", &[], "")).await;
    assert_eq!((answer.status, answer.one("allow")), (405, "GET, HEAD"));
    assert_eq!(origin.seen().len(), 1);
}

const OWN: &str = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/vnd.rempart.meter\r\n";

/// A question as the script asks it.
fn question(fields: &str, body: &str) -> String {
    format!(
        "POST /.rempart/verdict HTTP/1.1\r\nHost: {HOST}\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn the_meter_is_told_what_the_form_will_be_told() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(true, false)).await;
    for (login, password, accepted) in [
        ("ana", CANARY, false),
        ("jean.dupont", "Jean.Dupont-1234#Jean", false),
        ("ana", "Www.Example.Test-1#example", false),
        ("jean.dupont", STRONG, true),
    ] {
        for language in ["fr", "en"] {
            let more = format!("Accept: application/json\r\nAccept-Language: {language}\r\n");
            let asked = question(&format!("{OWN}{more}"), &format!("{password}\n{login}"));
            let told = world.ask(&asked).await;
            assert_eq!(told.status, 200, "{}", told.text());
            assert_eq!(told.one("cache-control"), "no-store");
            assert_eq!(told.one("content-language"), language);
            assert!(!told.text().contains(password), "{}", told.text());
            let told: serde_json::Value = serde_json::from_slice(&told.body).expect("JSON");
            assert_eq!(told["accepted"], accepted, "{password}");
            let fields = [("login", login), ("pass", password), ("again", password)];
            let sent = world.ask(&post("/register", &fields, &more)).await;
            if accepted {
                assert_eq!(sent.status, 200);
                continue;
            }
            let refused: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
            let findings = refused["findings"].as_array().expect("findings");
            let reasons = |finding: &serde_json::Value| {
                ["code", "message", "advice"].map(|name| finding[name].clone())
            };
            let sent: Vec<_> = findings.iter().map(reasons).collect();
            let findings = told["findings"].as_array().expect("findings");
            let told: Vec<_> = findings.iter().map(reasons).collect();
            assert!(!sent.is_empty() && sent == told, "{sent:?} {told:?}");
        }
    }
    // Before anything is typed, the rules.
    let told = world
        .ask(&question(&format!("{OWN}Accept-Language: en\r\n"), "\nana"))
        .await;
    assert!(told.text().contains("Rules: "), "{}", told.text());
    assert_eq!(world.metric("meter").await, 9);
    assert!(!world.log.text().contains(CANARY));
    // The origin saw the two good forms, and no question.
    assert_eq!(origin.seen().len(), 2);
}

#[tokio::test]
async fn only_a_page_of_the_site_is_told_anything() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(true, false)).await;
    let own = |from: &str, to: &str| OWN.replace(from, to);
    let large = "x".repeat(9000);
    for (request, status) in [
        (question(OWN, CANARY), 200),
        (question(&own("same-origin", "cross-site"), CANARY), 403),
        (question(&own("same-origin", "none"), CANARY), 403),
        (
            question(&own("Sec-Fetch-Site: same-origin\r\n", ""), CANARY),
            403,
        ),
        (
            question(
                &own(
                    "Sec-Fetch-Site: same-origin",
                    "Origin: https://www.example.test",
                ),
                CANARY,
            ),
            200,
        ),
        (question(&own("vnd.rempart.meter", "json"), CANARY), 400),
        (question(OWN, &large), 413),
        (question(OWN, &format!("x{}", "\na".repeat(33))), 400),
        (question(OWN, CANARY).replacen("POST", "PUT", 1), 405),
        (
            format!("GET /.rempart/verdict HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            405,
        ),
        (
            format!(
                "OPTIONS /.rempart/verdict HTTP/1.1\r\nHost: {HOST}\r\n\
                 Access-Control-Request-Headers: content-type\r\n\r\n"
            ),
            405,
        ),
    ] {
        let answer = world.ask(&request).await;
        assert_eq!(answer.status, status, "{request}");
        assert!(answer.all("access-control-allow-origin").is_empty());
        assert!(!answer.text().contains(CANARY));
    }
    assert!(origin.seen().is_empty());
    assert!(!world.log.text().contains(CANARY));
}

#[tokio::test]
async fn a_source_that_asks_without_end_is_told_no_more() {
    let origin = Origin::site().await;
    let world = World::with(origin.address, setting(true, false)).await;
    let mut stream = world.tls(HOST).await;
    let asked = question(OWN, "");
    let mut statuses = Vec::new();
    for _ in 0..400 {
        stream.write_all(asked.as_bytes()).await.expect("sent");
        let answer = Answer::read(&mut stream).await;
        statuses.push(answer.status);
        if answer.status != 200 {
            assert_eq!(answer.one("retry-after"), "2");
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429), "{}", statuses.len());
    assert!(statuses.len() > 200, "{}", statuses.len());
    assert_eq!(world.metric("meter-crowded").await, 1);
    // Forms are judged all the same.
    let fields = [("login", "a"), ("pass", CANARY), ("again", CANARY)];
    let answer = world.ask(&post("/register", &fields, "")).await;
    assert_eq!(answer.status, 422);
}

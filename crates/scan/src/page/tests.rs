use super::*;

#[test]
fn a_form_is_read_with_its_fields() {
    let page = read(
        br#"<!doctype html><title>Club</title><base href="/membres/">
        <form action="http&#58;//a.fr/entrer" METHOD=Post autocomplete=OFF onpaste="return  false">
          <label>Nom <input name=nom maxlength=20></label>
          <input type=PASSWORD id=mdp minlength=6 maxlength=" 8 " pattern=".{6,8}" onpaste='event.preventDefault()'>
          <button formaction=/autre formmethod=GET>OK</button>
        </form><p>Votre&nbsp;mot de passe : 6 &agrave; 8 caract&egrave;res</p>
        <a href="/inscription">S&#39;inscrire</a>"#,
        None,
    );
    assert_eq!(page.base.as_deref(), Some("/membres/"));
    let [form] = &page.forms[..] else {
        panic!("{page:?}")
    };
    assert_eq!(form.action.as_deref(), Some("http://a.fr/entrer"));
    assert_eq!(
        (form.method.as_str(), form.autocomplete.as_deref()),
        ("post", Some("off"))
    );
    assert!(form.blocks_paste);
    let [name, password, button] = &form.fields[..] else {
        panic!("{form:?}")
    };
    assert_eq!((name.kind.as_str(), name.max), ("text", Some(20)));
    assert_eq!(
        password,
        &Field {
            kind: "password".to_owned(),
            name: "mdp".to_owned(),
            max: Some(8),
            min: Some(6),
            pattern: Some(".{6,8}".to_owned()),
            blocks_paste: true,
            ..Field::default()
        }
    );
    assert_eq!(button.kind, "submit");
    assert_eq!(
        form.buttons,
        [(Some("/autre".to_owned()), Some("get".to_owned()))]
    );
    assert!(
        page.text.contains("mot de passe : 6 à 8 caractères"),
        "{}",
        page.text
    );
    assert_eq!(
        page.links,
        [("/inscription".to_owned(), "S'inscrire".to_owned())]
    );
}

#[test]
fn fields_outside_every_form_make_one_that_is_not_sent() {
    let page = read(
        b"<input type=password name=a><form><input name=b></form><input name=c>",
        None,
    );
    let kinds: Vec<(&str, usize)> = page
        .forms
        .iter()
        .map(|form| (form.method.as_str(), form.fields.len()))
        .collect();
    assert_eq!(kinds, [("none", 2), ("get", 1)]);
}

#[test]
fn text_of_scripts_and_comments_is_no_text() {
    let page = read(
        b"<script>mot de passe de 4 chiffres <form><input type=password></script><style>x</style><!-- y -->Bonjour",
        None,
    );
    assert_eq!(page.text.trim(), "Bonjour");
    assert_eq!(page.forms, []);
}

#[test]
fn loads_and_policy_are_kept() {
    let page = read(
        br#"<meta http-equiv=Content-Security-Policy content="upgrade-insecure-requests">
        <script src=http://a.fr/x.js></script><link rel="preload stylesheet" href=//a.fr/y.css>
        <link rel=canonical href=http://a.fr/><iframe src=/z></iframe>"#,
        None,
    );
    assert_eq!(page.loads, ["http://a.fr/x.js", "//a.fr/y.css", "/z"]);
    assert_eq!(page.policy.as_deref(), Some("upgrade-insecure-requests"));
}

#[test]
fn the_charset_is_that_of_the_field_or_of_the_page() {
    let latin = b"<meta charset=iso-8859-1><p>caract\xe8res";
    assert!(read(latin, None).text.contains("caractères"));
    assert!(
        read(b"<p>caract\xe8res", Some("windows-1252"))
            .text
            .contains("caractères")
    );
    assert!(
        read("<p>caractères".as_bytes(), None)
            .text
            .contains("caractères")
    );
    // Bytes that are nothing in their charset are no reason to stop.
    assert!(read(b"<p>\xff\xfe mot", Some("utf-8")).text.contains("mot"));
}

#[test]
fn a_huge_page_is_read_within_bounds() {
    let many = "<form><input name=a></form><a href=/x>y</a>".repeat(5000);
    let page = read(many.as_bytes(), None);
    assert_eq!((page.forms.len(), page.links.len()), (MOST, MOST));
    let deep = "<form>".repeat(20_000) + &"<input>".repeat(20_000);
    assert!(
        read(deep.as_bytes(), None)
            .forms
            .iter()
            .all(|form| form.fields.len() <= MOST)
    );
    assert!(read("mot ".repeat(100_000).as_bytes(), None).text.len() <= TEXT + 16 * 1024);
    let one = format!("<input name=\"{}\">", "x".repeat(600_000));
    let page = read(one.as_bytes(), None);
    assert!(page.forms[0].fields[0].name.len() <= VALUE);
}

#[test]
fn text_is_kept_in_lines_and_whole() {
    // Longer than an attribute may be, in one piece of text.
    let long = format!("<p>{} mot de passe : 6 chiffres", "mot ".repeat(700));
    assert!(read(long.as_bytes(), None).text.ends_with("6 chiffres"));
    // A reference that stands across two pieces.
    let split = format!("<p>{}caract&egrave;res", "x".repeat(PIECE - 13));
    assert!(read(split.as_bytes(), None).text.ends_with("xcaractères"));
    for (html, text) in [
        (
            "<label>Mot de passe</label> <input><small>6 <b>car</b>actères</small><label>Code</label>",
            "Mot de passe\n6 caractères\nCode",
        ),
        (
            "<ul><li>un <li>deux</ul>trois<br>quatre",
            "un\ndeux\ntrois\nquatre",
        ),
        ("<td>Nom<td>Mot de passe", "Nom\nMot de passe"),
    ] {
        assert_eq!(read(html.as_bytes(), None).text.trim(), text, "{html}");
    }
}

#[test]
fn policies_of_a_page_add_up() {
    let page = read(
        b"<meta http-equiv=content-security-policy content=\"img-src 'self'\"><meta http-equiv=Content-Security-Policy content=upgrade-insecure-requests>",
        None,
    );
    assert_eq!(
        page.policy.as_deref(),
        Some("img-src 'self', upgrade-insecure-requests")
    );
}

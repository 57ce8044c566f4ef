//! Requests that readers of forms disagree on: every trap, then combinations of their pieces.

mod json;

pub(crate) use json::json_requests;

/// A request to `/join`: method, query, `Content-Type`, body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) query: String,
    pub(crate) media: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) const URLENCODED: &str = "application/x-www-form-urlencoded";
pub(crate) const MULTIPART: &str = "multipart/form-data; boundary=XX";
pub(crate) const JSON: &str = "application/json";

pub(crate) fn requests(random: usize) -> Vec<Request> {
    let mut requests = Vec::new();
    let mut add = |method, query: &str, media: &str, body: &[u8]| {
        requests.push(Request {
            method,
            query: query.to_owned(),
            media: media.to_owned(),
            body: body.to_vec(),
        });
    };
    for body in [
        "user=u&pass=p",
        "pass=p&user=u&again=p",
        "pass=a+b%2B%C3%A9%26%3B",
        "pass",
        "pass=",
        "pass=p&pass=q",
        "pass[]=p",
        "pass[a]=p",
        "pass[=p",
        "pass]=p",
        " pass=p",
        "+pass=p",
        "%20pass=p",
        "pass%20=p",
        "pa.ss=p",
        "PASS=p",
        "pass%00=p",
        "pass%00x=p",
        "pass=p%00q",
        "%70ass=p",
        "pass=%",
        "pass=%zz",
        "%pass=p",
        "pass=p;user=u",
        "user=u;pass=p",
        "&&pass=p&&",
        "=x&pass=p",
        "pass=p=q",
        "pass=%E9",
        "a[pass]=p",
        "pass[]",
        "[pass]=p",
        "pass=p&user[]=u",
        "pass=\u{e9}",
        "pass%5B%5D=p",
        "pass%5Bx=p",
        "pass.=p",
        "x=%00&pass=p",
    ] {
        add("POST", "", URLENCODED, body.as_bytes());
    }
    for (query, body) in [
        ("pass=q", "user=u"),
        ("pass=q", "pass=p"),
        ("user=v", "pass=p"),
        ("a=1;pass=q", "user=u"),
        ("%70ass=q", "user=u"),
        ("pass[]=q", "user=u"),
        ("+pass=q", "user=u"),
        ("a=b", "pass=p"),
        ("pass%00x=q", "user=u"),
        ("pass=q", ""),
        ("p%61ss", ""),
        ("user=v", ""),
    ] {
        add("POST", query, URLENCODED, body.as_bytes());
        add("GET", query, "", b"");
    }
    let many = "&a=b".repeat(1200);
    add("POST", "", URLENCODED, format!("pass=p{many}").as_bytes());
    add(
        "POST",
        "",
        URLENCODED,
        format!("user=u{many}&pass=p").as_bytes(),
    );
    for media in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "application/x-www-form-urlencoded,",
        "application/x-www-form-urlencoded foo",
        "application/x-www-form-urlencodedx",
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=XX",
    ] {
        add("POST", "", media, b"user=u&pass=p");
    }
    for media in [
        "application/x-www-form-urlencoded; charset=iso-2022-jp",
        "application/x-www-form-urlencoded; xcharset=iso-2022-jp",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=utf-16be",
        "application/x-www-form-urlencoded",
    ] {
        add("POST", "", media, b"%1B%28Buser=u&%1B%28Bpass=p");
        add("POST", "", media, b"%00p%00a%00s%00s=p");
    }
    for media in [
        MULTIPART,
        "multipart/form-data; boundary=\"XX\"",
        "multipart/form-data; boundary=XX, x",
        "multipart/form-data; boundary=YY; boundary=XX",
        "multipart/form-data; Boundary=XX",
        "multipart/form-data; boundary=X X",
        "multipart/form-data; x=boundary=XX",
        "multipart/form-data boundary=XX",
        "multipart/form-data; xboundary=YY; boundary=XX",
        "multipart/form-data; yboundary=XX; boundary=YY",
        "multipart/form-data; boundary=XX; xboundary=YY",
        "multipart/form-data; boundary=YY; boundary*=XX",
        "multipart/form-data; boundary*=XX; boundary=YY",
        "multipart/form-data; boundary*0=XX; boundary=YY",
        "Multipart/Form-Data; boundary=XX",
    ] {
        add(
            "POST",
            "",
            media,
            part("form-data; name=\"pass\"", "p").as_bytes(),
        );
    }
    for disposition in [
        "form-data; name=pass",
        "form-data; name='pass'",
        "form-data; name=\"pa\\ss\"",
        "form-data; name=\"pa\\\"ss\"",
        "form-data; Name=\"pass\"",
        "form-data;name=\"pass\"",
        "form-data; name=\"x\"; name=\"pass\"",
        "form-data; name*=utf-8''pass",
        "form-data; name=\"pass\"; filename=\"f\"",
        "form-data; name=\"pass\"; filename=\"\"",
        "form-data; filename=\"f\"; name=\"pass\"",
        "attachment; name=\"pass\"",
        "form-data; name=\" pass\"",
        "form-data; name=\"pass[]\"",
        "form-data; name=\"pa.ss\"",
        "form-data; name=\"pass\" ",
        "form-data; name = \"pass\"",
        "form-data; name=\"p\"ass",
        "form-data; x=\"; name=\"pass\"",
        "form-data; name=\"%70ass\"",
        "form-data; name=\"pass",
    ] {
        add("POST", "", MULTIPART, part(disposition, "p").as_bytes());
    }
    let good = part("form-data; name=\"pass\"", "p");
    for body in [
        format!("preamble\r\n{good}"),
        format!("\r\n{good}"),
        good.replace("--XX--", ""),
        good.replace("--XX--", "--XX"),
        good.replace("--XX--", "--XX--\r\nepilogue"),
        good.replace("\r\n", "\n"),
        good.replace("\r\np\r\n", "\r\np\n"),
        good.replace("p\r\n--XX--", "p\r\n--XXx\r\nq\r\n--XX--"),
        good.replace("p\r\n", "a--XX\r\n"),
        good.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
        good.replace("\r\n\r\n", "\r\nContent-Type: image/png\r\n\r\n"),
        good.replace("; name", ";\r\n name"),
        good.replace("Content-Disposition", "content-disposition"),
        good.replace("Content-Disposition:", "Content-Disposition :"),
        good.replace("Content-Disposition:", "X: y\r\nContent-Disposition:"),
        good.replace("--XX--", &part("form-data; name=\"pass\"", "q")),
        good.replace("--XX--", &part("form-data; name=\"user\"", "u")),
    ] {
        add("POST", "", MULTIPART, body.as_bytes());
    }
    let mut roll = dice();
    for _ in 0..random {
        let multipart = roll(3) == 0;
        let pieces: &[&str] = if multipart { PARTS } else { PAIRS };
        let body: String = (0..roll(9)).map(|_| pieces[roll(pieces.len())]).collect();
        let body = if multipart {
            format!("--XX\r\n{body}\r\n--XX--\r\n")
        } else {
            body
        };
        let query: String = (0..roll(3)).map(|_| PAIRS[roll(PAIRS.len())]).collect();
        let media = if multipart { MULTIPART } else { URLENCODED };
        add(
            "POST",
            &query.replace(['\r', '\n', ' '], ""),
            media,
            body.as_bytes(),
        );
    }
    requests
}

/// The same throws each time.
fn dice() -> impl FnMut(usize) -> usize {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    move |sides| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice >> 33).expect("31 bits") % sides
    }
}

fn part(disposition: &str, value: &str) -> String {
    format!("--XX\r\nContent-Disposition: {disposition}\r\n\r\n{value}\r\n--XX--\r\n")
}

const PAIRS: &[&str] = &[
    "pass", "user", "=", "=", "&", "&", ";", "%", "%70", "%00", "+", "[", "]", "%5B", ".", "_",
    "a", "p", "ass", "%61", "Pass",
];

const PARTS: &[&str] = &[
    "Content-Disposition: form-data; name=\"pass\"",
    "Content-Disposition: form-data; name=\"user\"",
    "Content-Disposition: form-data; name=pass",
    "\r\n\r\n",
    "\r\n\r\n",
    "\r\n",
    "\n",
    "--XX",
    "--XX\r\n",
    "\r\n--XX\r\n",
    "p",
    "; filename=\"f\"",
    "Content-Type: text/plain\r\n",
    "--",
    " ",
    "\"",
];

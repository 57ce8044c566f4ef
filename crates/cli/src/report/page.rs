//! A report as one HTML page: no script, no other file, readable on a phone, on paper and
//! without colour.

use std::fmt::Write;

use policy::Language;

use super::document::{Block, Chart, Document, Entry};

const STYLE: &str = include_str!("page.css");

pub(super) fn page(document: &Document) -> String {
    let title = escape(&document.title);
    let lang = document.language;
    let mut body = String::new();
    let mut open = false;
    for block in &document.blocks {
        if let Block::Heading(heading) = block {
            if open {
                body.push_str("</section>\n");
            }
            open = true;
            let _ = writeln!(body, "<section>\n<h2>{}</h2>", escape(heading));
            continue;
        }
        match block {
            Block::Heading(_) => {}
            Block::Paragraph(paragraph) => {
                let _ = writeln!(body, "<p>{}</p>", prose(paragraph, lang));
            }
            Block::Facts(facts) => {
                body.push_str("<dl>\n");
                for (name, value) in facts {
                    let (name, value) = (escape(name), escape(value));
                    let _ = writeln!(body, "<div><dt>{name}</dt><dd>{value}</dd></div>");
                }
                body.push_str("</dl>\n");
            }
            Block::List(items) => {
                body.push_str("<ul>\n");
                for item in items {
                    let _ = writeln!(body, "<li>{}</li>", prose(item, lang));
                }
                body.push_str("</ul>\n");
            }
            Block::Entries(entries) => table(&mut body, entries, lang),
            Block::Chart(chart) => draw(&mut body, chart),
        }
    }
    if open {
        body.push_str("</section>\n");
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn table(body: &mut String, entries: &[Entry], language: Language) {
    let [state, reference, said] = match language {
        Language::Fr => ["État", "Référence", "Détail"],
        Language::En => ["State", "Reference", "Detail"],
    };
    let _ = writeln!(
        body,
        "<table>\n<thead><tr><th scope=\"col\">{state}</th><th scope=\"col\">{reference}</th>\
         <th scope=\"col\">{said}</th></tr></thead>\n<tbody>"
    );
    for entry in entries {
        let mark = &entry.mark;
        let _ = write!(
            body,
            "<tr class=\"{}\"><td class=\"state\"><span class=\"sign\" aria-hidden=\"true\">{}</span> {}</td>\
             <th scope=\"row\">{}",
            mark.class,
            mark.sign,
            escape(&mark.word),
            escape(&entry.lead)
        );
        if let Some(id) = entry.id {
            let _ = write!(body, "<br><code class=\"id\">{id}</code>");
        }
        let _ = write!(body, "</th><td>{}", prose(&entry.text, language));
        for note in &entry.notes {
            let note = prose(note, language);
            let _ = write!(body, "<p class=\"note\">{note}</p>");
        }
        body.push_str("</td></tr>\n");
    }
    body.push_str("</tbody>\n</table>\n");
}

fn draw(body: &mut String, chart: &Chart) {
    body.push_str("<figure>\n<ul class=\"chart\">\n");
    for bar in &chart.bars {
        let class = if bar.enough { "bar" } else { "bar short" };
        let _ = write!(
            body,
            "<li><span class=\"label\">{}</span><span class=\"track\" aria-hidden=\"true\">\
             <span class=\"{class}\" style=\"width:{:.1}%\"></span>",
            escape(&bar.label),
            chart.place(bar.bits)
        );
        for floor in chart.floors {
            let _ = write!(
                body,
                "<span class=\"floor\" style=\"left:{:.1}%\"><i>{floor}</i></span>",
                chart.place(floor)
            );
        }
        let _ = writeln!(
            body,
            "</span><span class=\"bits\">{}</span></li>",
            escape(&bar.words)
        );
    }
    let _ = writeln!(
        body,
        "</ul>\n<figcaption>{}</figcaption>\n</figure>",
        escape(&chart.caption)
    );
}

/// A sentence: what stands between backquotes is code, and no line of French begins with the
/// second half of a pair of signs.
fn prose(text: &str, language: Language) -> String {
    let escaped = escape(text);
    let mut shown = String::with_capacity(escaped.len());
    let mut rest = escaped.as_str();
    loop {
        let code = rest.split_once('`').and_then(|(before, behind)| {
            let (code, after) = behind.split_once('`')?;
            Some((before, code, after))
        });
        let words = code.map_or(rest, |(before, ..)| before);
        match language {
            Language::Fr => shown.push_str(&bound(words)),
            Language::En => shown.push_str(words),
        }
        // A backquote that has no other is itself.
        let Some((_, code, after)) = code else {
            return shown;
        };
        let _ = write!(shown, "<code>{code}</code>");
        rest = after;
    }
}

/// French with spaces that do not break before `; : ? ! »` and after `«`.
fn bound(text: &str) -> String {
    let mut bound = text.replace("« ", "«\u{a0}");
    for sign in [';', ':', '?', '!', '»'] {
        bound = bound.replace(&format!(" {sign}"), &format!("\u{a0}{sign}"));
    }
    bound
}

/// Text as a page shows it: nothing of a policy becomes markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_code_and_bound_signs() {
        for (language, text, shown) in [
            (
                Language::En,
                "run `a --b`; then `c`",
                "run <code>a --b</code>; then <code>c</code>",
            ),
            (Language::En, "a ` alone <b>", "a ` alone &lt;b&gt;"),
            (Language::En, "`<x>` ` y", "<code>&lt;x&gt;</code> ` y"),
            (
                Language::Fr,
                "« oui » : `a : b` ; non !",
                "«\u{a0}oui\u{a0}»\u{a0}: <code>a : b</code>\u{a0}; non\u{a0}!",
            ),
        ] {
            assert_eq!(prose(text, language), shown, "{text}");
        }
    }
}

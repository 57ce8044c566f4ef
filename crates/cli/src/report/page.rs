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
                let _ = writeln!(body, "<p>{}</p>", escape(paragraph));
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
                    let _ = writeln!(body, "<li>{}</li>", escape(item));
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
        Language::Fr => ["État", "Référence", "Exigence"],
        Language::En => ["State", "Reference", "Requirement"],
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
            let _ = write!(body, "<br><code>{id}</code>");
        }
        let _ = write!(body, "</th><td>{}", escape(&entry.text));
        for note in &entry.notes {
            let _ = write!(body, "<p class=\"note\">{}</p>", escape(note));
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

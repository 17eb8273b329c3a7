//! `feed.json` and `feed.xml`: each crawl of a series as an item (JSON Feed 1.1, RSS 2.0).

use jiff::Timestamp;
use mxcensus_dataset::files;
use serde_json::{Value, json};

use super::SeriesError;
use super::config::Series;
use super::shelf::{Product, Record, Shelf};

/// Items of a feed: four years of months.
const ITEMS: usize = 48;

/// Writes both, where the series is published.
pub(super) fn write(series: &Series, shelf: &Shelf, records: &[Record]) -> Result<(), SeriesError> {
    let Some(feed) = &series.feed else { return Ok(()) };
    let base = feed.url.trim_end_matches('/');
    let finished = records.iter().rev().filter(|record| record.finished.is_some() && record.complete);
    let items: Vec<Item> = finished.take(ITEMS).map(|record| Item::of(record, shelf, base)).collect();
    let json = serde_json::to_vec_pretty(&as_json(&series.title, base, &items))
        .map_err(|error| SeriesError::Record { path: shelf.root().join("feed.json"), message: error.to_string() })?;
    files::write_atomically(&shelf.root().join("feed.json"), &json)?;
    files::write_atomically(&shelf.root().join("feed.xml"), as_xml(&series.title, base, &items).as_bytes())?;
    Ok(())
}

struct Item {
    url: String,
    title: String,
    text: String,
    at: Timestamp,
    archive: Option<String>,
}

impl Item {
    fn of(record: &Record, shelf: &Shelf, base: &str) -> Item {
        let name = &record.name;
        let has_report = shelf.has(Product::Report, name);
        let at = record.finished.as_deref().and_then(|at| at.parse().ok()).unwrap_or_default();
        let parts = [Some(record.summary.trim()), record.changes.as_deref().map(str::trim)];
        Item {
            url: if has_report { format!("{base}/reports/{name}/report.html") } else { format!("{base}/#{name}") },
            title: format!("Census of {name}: {} domains", record.domains),
            text: parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
            at,
            archive: shelf.has(Product::Public, name).then(|| format!("{base}/public/{name}.tar.zst")),
        }
    }
}

fn as_json(title: &str, base: &str, items: &[Item]) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|item| {
            let mut value = json!({
                "id": item.url, "url": item.url, "title": item.title, "content_text": item.text,
                "date_published": item.at.to_string(),
            });
            if let Some(archive) = &item.archive {
                value["attachments"] = json!([{ "url": archive, "mime_type": "application/zstd" }]);
            }
            value
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": format!("{base}/"),
        "feed_url": format!("{base}/feed.json"), "items": items,
    })
}

fn as_xml(title: &str, base: &str, items: &[Item]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\n<title>{0}</title>\n<link>{1}/</link>\n\
         <description>{0}</description>\n",
        escaped(title),
        escaped(base)
    );
    for item in items {
        // RSS 2.0 wants dates as RFC 822 has them.
        let at = item.at.strftime("%a, %d %b %Y %H:%M:%S +0000");
        out.push_str(&format!(
            "<item><title>{}</title><link>{2}</link><guid>{2}</guid><pubDate>{at}</pubDate><description>{}</description></item>\n",
            escaped(&item.title),
            escaped(&item.text),
            escaped(&item.url),
        ));
    }
    out + "</channel></rss>\n"
}

/// Text as XML 1.0 has it: characters that cannot stand there are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        vec![Item {
            url: "https://c.example/reports/2026-11-30/report.html".to_owned(),
            title: "Census of <30> & \"more\"".to_owned(),
            text: "1 < 2\u{0}\n".to_owned(),
            at: "2026-11-30T14:00:00Z".parse().unwrap(),
            archive: Some("https://c.example/public/2026-11-30.tar.zst".to_owned()),
        }]
    }

    #[test]
    fn a_feed_in_two_forms() {
        let xml = as_xml("A & B", "https://c.example", &items());
        assert!(xml.contains("<title>A &amp; B</title>") && xml.contains("Mon, 30 Nov 2026 14:00:00 +0000"), "{xml}");
        assert!(xml.contains("<description>1 &lt; 2\n</description>"), "{xml}");
        assert!(xml.contains("<link>https://c.example/reports/2026-11-30/report.html</link>"), "{xml}");
        let json = as_json("A & B", "https://c.example", &items());
        assert_eq!(json["items"][0]["date_published"], "2026-11-30T14:00:00Z");
        assert_eq!(json["items"][0]["attachments"][0]["mime_type"], "application/zstd");
        assert_eq!(json["feed_url"], "https://c.example/feed.json");
    }
}

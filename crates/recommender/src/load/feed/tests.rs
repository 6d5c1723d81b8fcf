use super::*;

fn all(text: &str) -> Result<Vec<(Item, u64)>, Fault> {
    let mut feed = Feed::new(text.to_owned());
    std::iter::from_fn(|| feed.next().transpose()).collect()
}

fn fault(text: &str) -> (u64, String, String) {
    let fault = all(text).expect_err("bad");
    (fault.line, fault.column, fault.what)
}

fn tags(item: &Item) -> Vec<String> {
    item.tags.iter().map(|(f, v)| format!("{f}={v}")).collect()
}

#[test]
fn rss() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>News &amp; more</title><link>https://n.x/</link>
<image><title>no</title><url>https://n.x/i.png</url></image>
<item>
  <title><![CDATA[One &amp; <b>two</b>]]></title>
  <link>https://n.x/1?a=1&b=2</link>
  <guid isPermaLink="false">tag:1</guid>
  <pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate>
  <author>ada@n.x (Ada)</author><dc:creator>Bo</dc:creator>
  <category>Tech</category><category>R&amp;D</category>
  <description>&lt;p&gt;Hello&lt;br/&gt;w&amp;ouml;rld &nbsp;&#33;&lt;/p&gt;</description>
  <enclosure url="https://n.x/1.jpg" type="image/jpeg" length="1"/>
  <slash:comments>7</slash:comments>
</item>
<item><description>No title here, only text.</description><guid>2</guid></item>
</channel></rss>"#;
    let mut feed = Feed::new(text.to_owned());
    let (first, line) = feed.next().expect("valid").expect("there");
    assert_eq!(feed.title.as_deref(), Some("News & more"));
    assert_eq!((first.id.as_str(), line), ("tag:1", 5));
    assert_eq!(first.title, "One & two");
    assert_eq!(first.url, "https://n.x/1?a=1&b=2");
    assert_eq!((first.year, first.creator.as_str()), (Some(2024), "Bo"));
    assert_eq!(first.text, "Hello wörld !");
    assert_eq!(first.image, "https://n.x/1.jpg");
    assert_eq!(
        tags(&first),
        ["author=Ada", "category=Tech", "category=R&D"]
    );
    let (second, _) = feed.next().expect("valid").expect("there");
    assert_eq!(second.title, "No title here, only text.");
    assert_eq!(feed.next(), Ok(None));
    assert!(!feed.atom);
}

#[test]
fn atom() {
    let text = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Log</title>
<entry><title>A</title><id>urn:a</id>
<link rel="self" href="https://l.x/self"/><link rel="alternate" href="https://l.x/a?x=1&amp;y=2"/>
<author><name>Ada</name><email>ada@l.x</email></author>
<category term="c" label="Cats"/><published>2019-05-01T00:00:00Z</published>
<content type="xhtml"><div><p>One</p><p>two</p></div></content></entry></feed>"#;
    let items = all(text).expect("valid");
    let (item, line) = &items[0];
    assert_eq!((item.id.as_str(), *line), ("urn:a", 2));
    assert_eq!(item.url, "https://l.x/a?x=1&y=2");
    assert_eq!((item.creator.as_str(), item.year), ("Ada", Some(2019)));
    assert_eq!(
        item.text.split_whitespace().collect::<Vec<_>>(),
        ["One", "two"]
    );
    assert_eq!(tags(item), ["category=Cats"]);
}

#[test]
fn a_shops_feed() {
    let text = r#"<rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>7</g:id><g:title>Mug</g:title><g:link>https://s.x/7</g:link>
<g:description>Blue.</g:description><g:image_link>https://s.x/7.jpg</g:image_link>
<g:price>15.00 USD</g:price><g:sale_price>12 USD</g:sale_price><g:availability>in_stock</g:availability>
<g:brand>Acme</g:brand><g:product_type>Home &gt; Kitchen &gt; Mugs</g:product_type>
<g:color>blue</g:color><g:gtin>123</g:gtin><g:condition>new</g:condition>
<g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping></item></channel></rss>"#;
    let (item, _) = all(text).expect("valid").remove(0);
    assert_eq!((item.id.as_str(), item.creator.as_str()), ("7", "Acme"));
    assert_eq!(item.image, "https://s.x/7.jpg");
    assert_eq!(
        tags(&item),
        [
            "category=Home",
            "category=Kitchen",
            "category=Mugs",
            "color=blue",
            "condition=new",
            "price=15.00",
            "currency=USD",
            "sale price=12.00",
            "availability=in stock"
        ]
    );
}

#[test]
fn faults_name_line_and_column() {
    let (line, column, what) =
        fault("<rss><channel>\n <item><link>x</link></item></channel></rss>");
    assert_eq!((line, column.as_str()), (2, "2"));
    assert_eq!(what, "item 1 has no title; every item needs one");
    let (line, column, what) =
        fault("<rss><item><title>A</title>\n<price>much</price></item></rss>");
    assert_eq!((line, column.as_str()), (2, "1"));
    assert!(
        what.starts_with("item 1, <price>: `much` is no price"),
        "{what}"
    );
    let (line, _, what) = fault("<rss>\n<item></itme></rss>");
    assert_eq!(line, 2, "{what}");
    let (line, _, what) = fault("<rss>\n<item><title>x");
    assert_eq!(line, 2, "{what}");
    assert!(what.contains("ends inside of <title>"), "{what}");
    let what = fault("<html><body/></html>").2;
    assert!(what.starts_with("the document is a <html>"), "{what}");
}

#[test]
fn entities_of_the_documents_own_are_refused() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<rss>&b;</rss>";
    let (line, column, what) = fault(bomb);
    assert_eq!((line, column.as_str()), (1, "1"));
    assert!(what.contains("declares entities"), "{what}");
    let plain = "<!DOCTYPE rss SYSTEM \"x.dtd\"><rss><item><title>&b; &auml;</title></item></rss>";
    assert_eq!(all(plain).expect("valid")[0].0.title, "&b; ä");
    let deep = "<rss>".repeat(100);
    assert!(fault(&deep).2.contains("deeper than"));
}

//! Text of HTML: what feeds and shops put into descriptions.

/// Does a text hold tags or character references?
pub(super) fn is_html(text: &str) -> bool {
    let tag = |(at, _): (usize, &str)| {
        let next = text.as_bytes().get(at + 1);
        next.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/' || *byte == b'!')
            && text[at..].contains('>')
    };
    // Looking for every `>` again would be quadratic for a text of many `<`: the first few decide.
    text.match_indices('<').take(8).any(tag)
        || text
            .match_indices('&')
            .take(64)
            .any(|(at, _)| reference(&text[at..]).is_some())
}

/// The text without tags, comments, scripts and styles; references resolved, white space collapsed.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    let mut no_more_tags = false;
    while let Some(at) = rest.find(['<', '&']) {
        push(&mut out, &rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            match reference(rest) {
                Some((text, length)) => {
                    push(&mut out, text.as_str());
                    rest = &rest[length..];
                }
                None => {
                    out.push('&');
                    rest = &rest[1..];
                }
            }
            continue;
        }
        let end = if no_more_tags { None } else { tag_end(rest) };
        match end {
            Some(end) => {
                if !is_inline(&rest[..end]) {
                    push(&mut out, " ");
                }
                rest = &rest[end..];
            }
            None => {
                no_more_tags |= !rest.contains('>');
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    push(&mut out, rest);
    out.truncate(out.trim_end().len());
    out
}

/// Adds text, each run of white space as one space, none at the start.
fn push(out: &mut String, text: &str) {
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
}

/// Length of the tag, comment, script or style at the start of `text`, which begins with `<`.
fn tag_end(text: &str) -> Option<usize> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return Some(comment.find("-->").map_or(text.len(), |end| end + 7));
    }
    let next = *text.as_bytes().get(1)?;
    if !(next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?')) {
        return None;
    }
    let end = text.find('>')? + 1;
    for name in ["script", "style"] {
        let word = text.get(1..=name.len());
        if word.is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            let close = format!("</{name}");
            let body = &text.as_bytes()[end..];
            let found = body
                .windows(close.len())
                .position(|part| part.eq_ignore_ascii_case(close.as_bytes()));
            return Some(found.map_or(text.len(), |at| end + at));
        }
    }
    Some(end)
}

/// Tags inside of words: they leave no space.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let inline = [
        "a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup",
        "u",
    ];
    name.is_some_and(|name| inline.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// What a character reference at the start of `text` stands for, and its length.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(34).position(|byte| byte == b';')?;
    Some((entity(text.get(1..end)?)?, end + 1))
}

/// What the character reference `&name;` stands for: numbers, and the names that feeds use without
/// declaring them. `None` for any other; entities of a document's own are never expanded.
pub(super) fn entity(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let c = char::from_u32(code.ok()?)?;
        return Some(if c.is_control() && !c.is_whitespace() {
            String::new()
        } else {
            c.to_string()
        });
    }
    ENTITIES.split(',').find_map(|pair| {
        let (known, character) = pair.split_once(' ')?;
        (known == name).then(|| character.to_owned())
    })
}

/// Names and characters; those of HTML that stand for Latin letters and common marks.
const ENTITIES: &str = "\
    amp &,lt <,gt >,quot \",apos ',nbsp \u{a0},ndash –,mdash —,hellip …,lsquo ‘,rsquo ’,sbquo ‚,\
    ldquo “,rdquo ”,bdquo „,laquo «,raquo »,bull •,middot ·,copy ©,reg ®,trade ™,euro €,pound £,\
    yen ¥,cent ¢,deg °,times ×,shy \u{ad},iexcl ¡,iquest ¿,sect §,para ¶,frac12 ½,frac14 ¼,\
    frac34 ¾,szlig ß,Agrave À,Egrave È,Igrave Ì,Ograve Ò,Ugrave Ù,agrave à,egrave è,igrave ì,\
    ograve ò,ugrave ù,Aacute Á,Eacute É,Iacute Í,Oacute Ó,Uacute Ú,Yacute Ý,aacute á,eacute é,\
    iacute í,oacute ó,uacute ú,yacute ý,Acirc Â,Ecirc Ê,Icirc Î,Ocirc Ô,Ucirc Û,acirc â,ecirc ê,\
    icirc î,ocirc ô,ucirc û,Atilde Ã,Otilde Õ,Ntilde Ñ,atilde ã,otilde õ,ntilde ñ,Auml Ä,Euml Ë,\
    Iuml Ï,Ouml Ö,Uuml Ü,Yuml Ÿ,auml ä,euml ë,iuml ï,ouml ö,uuml ü,yuml ÿ,Aring Å,aring å,\
    Ccedil Ç,ccedil ç,Oslash Ø,oslash ø,AElig Æ,aelig æ,OElig Œ,oelig œ,ETH Ð,eth ð,THORN Þ,\
    thorn þ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_words_stay_apart() {
        let html = "<p>One<br/>two</p>\n<p>th<b>r</b>ee &amp; f&ouml;ur &#8211; &#x41;</p><!-- no -->\
            <script>if (a < b) { alert('>') }</script><STYLE>p {}</style>end";
        assert_eq!(plain(html), "One two three & föur – A end");
        assert_eq!(
            plain("a < b & c > d &unknown; x<"),
            "a < b & c > d &unknown; x<"
        );
        assert_eq!(plain("&nbsp;&nbsp;a&nbsp;b"), "a b");
        assert_eq!(plain("<script>never closed"), "");
    }

    #[test]
    fn plain_text_is_left_alone() {
        assert!(!is_html("a < b and R&D; 5 > 3"));
        assert!(is_html("<p>x") && is_html("x</p>") && is_html("A &amp; B"));
        assert_eq!(entity("NoSuchName"), None);
        assert_eq!(entity("quot"), Some("\"".into()));
        assert_eq!(entity("#x110000"), None);
    }
}

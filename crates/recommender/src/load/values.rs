//! Values as files write them, brought into one form: prices, availability, years, links.

/// What people write where they know nothing.
pub(super) fn is_nothing(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "" | "-" | "–" | "?" | "n/a" | "na" | "nan" | "none" | "null" | "nil" | "unknown"
    )
}

/// A price as decimal text with two places (`12.50`) and its currency, where one is written:
/// a code of three letters or a sign. `€`, `£` and `₹` become codes; `$` and `¥` are those of
/// several countries and stay signs. `None`: this is no price.
///
/// Of `.` and `,` the last is the decimal mark if both are there; one that comes more than once, and
/// a comma before exactly three digits, groups thousands.
pub(super) fn price(value: &str) -> Option<(String, Option<String>)> {
    let value = value.trim();
    if ["free", "gratis", "kostenlos", "gratuit"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word))
    {
        return Some(("0.00".into(), None));
    }
    let digit = |c: char| c.is_ascii_digit();
    let first = value.find(digit)?;
    let last = value.rfind(digit)?;
    let start = if value[..first].ends_with(['.', ',']) {
        first - 1
    } else {
        first
    };
    let around = [&value[..start], &value[last + 1..]];
    let number: String = value[start..=last]
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’'))
        .collect();
    if !number.chars().all(|c| digit(c) || matches!(c, '.' | ',')) {
        return None;
    }
    let mut currency = None;
    for part in around {
        let word =
            part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '–'));
        if part.contains('-')
            && part.trim_start().starts_with('-')
            && first > 0
            && part == around[0]
        {
            return None;
        }
        if word.is_empty() {
            continue;
        }
        let code = match word {
            "€" => "EUR".to_owned(),
            "£" => "GBP".to_owned(),
            "₹" => "INR".to_owned(),
            "zł" => "PLN".to_owned(),
            "$" | "¥" | "₽" | "₩" | "kr" | "Kč" | "Ft" | "US$" | "R$" | "A$" | "C$" => {
                word.to_owned()
            }
            _ => currency_code(word)?,
        };
        if currency.replace(code).is_some() {
            return None;
        }
    }
    Some((decimal(&number)?, currency))
}

/// A currency in a column of its own.
pub(super) fn currency(value: &str) -> Option<String> {
    match value.trim() {
        "€" => Some("EUR".into()),
        "£" => Some("GBP".into()),
        "₹" => Some("INR".into()),
        word if word.chars().count() <= 3 => {
            Some(currency_code(word).unwrap_or_else(|| word.to_owned()))
        }
        _ => None,
    }
}

fn currency_code(word: &str) -> Option<String> {
    let letters = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters.then(|| word.to_ascii_uppercase())
}

/// `1.299,5` → `1299.50`.
fn decimal(number: &str) -> Option<String> {
    let count = |mark| number.matches(mark).count();
    let mark = match (count('.'), count(',')) {
        (0, 0) => None,
        (_, 0) => Some('.').filter(|_| count('.') == 1),
        (0, _) => {
            let thousands = number.split(',').skip(1).all(|part| part.len() == 3);
            Some(',').filter(|_| count(',') == 1 && !thousands)
        }
        _ => number.chars().rev().find(|c| matches!(c, '.' | ',')),
    };
    let (whole, part) = match mark.and_then(|mark| number.rsplit_once(mark)) {
        Some((whole, part)) => (whole, part),
        None => (number, ""),
    };
    let group = |group: &str| (2..=3).contains(&group.len());
    if !whole.split(['.', ',']).skip(1).all(group) || part.contains(['.', ',']) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = whole.trim_start_matches('0');
    if whole.len() > 15 {
        return None;
    }
    // The third place rounds, as a till does.
    let mut cents: u64 = format!("{part:0<2}")[..2].parse().ok()?;
    cents += u64::from(part.as_bytes().get(2).is_some_and(|digit| *digit >= b'5'));
    let units: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    Some(format!("{}.{:02}", units + cents / 100, cents % 100))
}

/// `in stock`, `out of stock`, `preorder`, `backorder`, or the text in lower case where it is none
/// of them. A number is a stock.
pub(super) fn availability(value: &str) -> String {
    let lower = value.trim().to_lowercase();
    // schema.org writes addresses.
    let word = lower.rsplit('/').next().unwrap_or(&lower);
    let letters: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    if let Ok(stock) = lower.parse::<f64>() {
        return if stock > 0.0 {
            "in stock"
        } else {
            "out of stock"
        }
        .into();
    }
    match letters.as_str() {
        "instock"
        | "available"
        | "yes"
        | "true"
        | "y"
        | "limitedavailability"
        | "lowstock"
        | "onlineonly"
        | "instoreonly" => "in stock".into(),
        "outofstock" | "soldout" | "unavailable" | "notavailable" | "no" | "false" | "n"
        | "discontinued" => "out of stock".into(),
        "preorder" | "presale" => "preorder".into(),
        "backorder" | "availableforbackorder" => "backorder".into(),
        _ => lower,
    }
}

/// A year in a column of years: a whole number, or one that a table program gave decimals.
pub(super) fn year(value: &str) -> Option<i16> {
    let value = value.strip_suffix(".0").unwrap_or(value);
    value.parse().ok()
}

/// The year of a date: its first run of exactly four digits, 1000 to 2999.
pub(super) fn year_of_date(value: &str) -> Option<i16> {
    let runs = value.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() == 4)
        .filter_map(|run| run.parse::<i16>().ok())
        .find(|year| (1000..3000).contains(year))
}

/// The address if it is one of the web or a relative one; a file that was dropped on a page must not
/// bring other kinds (`javascript:`).
pub(super) fn link(value: &str) -> &str {
    let scheme = value.split(['/', '?', '#']).next().unwrap_or_default();
    match scheme.split_once(':') {
        None => value,
        Some((scheme, _))
            if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
        {
            value
        }
        Some(_) => "",
    }
}

/// Numbers that measure or count (`7.8`, `81234`): nobody likes a number.
pub(super) fn is_measure(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    number && (digits.contains('.') || digits.len() > 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_come_in_many_forms() {
        for (written, amount, code) in [
            ("12.5", "12.50", None),
            ("12", "12.00", None),
            ("$12.50", "12.50", Some("$")),
            ("12,50 €", "12.50", Some("EUR")),
            ("15.00 usd", "15.00", Some("USD")),
            ("EUR 1.299,00", "1299.00", Some("EUR")),
            ("£1,299.5", "1299.50", Some("GBP")),
            ("1,299", "1299.00", None),
            ("1.299.000", "1299000.00", None),
            ("1'299.90 CHF", "1299.90", Some("CHF")),
            ("0.995", "1.00", None),
            (".5", "0.50", None),
            ("12,- €", "12.00", Some("EUR")),
            ("Free", "0.00", None),
        ] {
            let expected = (amount.to_owned(), code.map(str::to_owned));
            assert_eq!(price(written), Some(expected), "{written}");
        }
        for none in [
            "$$",
            "call us",
            "12 to 15",
            "-5",
            "1.2,3.4,5",
            "1.2.3",
            "about 5 EUR now",
            "",
        ] {
            assert_eq!(price(none), None, "{none}");
        }
        assert_eq!(currency("eur"), Some("EUR".into()));
        assert_eq!(currency("dollars"), None);
    }

    #[test]
    fn availability_is_brought_into_four_words() {
        for (written, known) in [
            ("In_Stock", "in stock"),
            ("https://schema.org/InStock", "in stock"),
            ("12", "in stock"),
            ("true", "in stock"),
            ("0", "out of stock"),
            ("SoldOut", "out of stock"),
            ("Pre-order", "preorder"),
            ("On Request", "on request"),
        ] {
            assert_eq!(availability(written), known);
        }
    }

    #[test]
    fn years_and_links() {
        assert_eq!((year("1999.0"), year("19x0")), (Some(1999), None));
        for date in [
            "2024-05-01T10:00:00Z",
            "Wed, 01 May 2024 10:00:00 GMT",
            "1.5.2024",
        ] {
            assert_eq!(year_of_date(date), Some(2024));
        }
        assert_eq!(year_of_date("1714557600"), None);
        assert_eq!(link("javascript:alert(1)"), "");
        assert_eq!(link("JavaScript:alert(1)//x"), "");
        assert_eq!(link("data:image/png;base64,xx"), "");
        assert_eq!(link("HTTPS://a.b/c?d=e:f"), "HTTPS://a.b/c?d=e:f");
        assert_eq!(link("/a/b:c"), "/a/b:c");
        assert!(is_measure("7.8") && is_measure("81234") && !is_measure("1984"));
        assert!(!is_measure("PG-13") && !is_measure(""));
    }
}

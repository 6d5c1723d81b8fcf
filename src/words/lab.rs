//! Words of the lab: explanations, the learning panel, fine-tuning, "Train here".

use engine::messages::EventKind;

use super::downloads::DownloadWords;
use super::training::{TrainWords, TuningWords};

/// The lab's words of one language. Functions take what they talk about.
pub struct LabWords {
    /// While something is being worked out.
    pub loading: &'static str,
    /// Close a sheet.
    pub close: &'static str,
    /// The charts cannot be drawn; the argument is the reason, or empty.
    pub no_analysis: fn(&str) -> String,
    /// Words of the explanation.
    pub explanation: ExplanationWords,
    /// Words of the learning panel.
    pub panel: PanelWords,
    /// Words of the learning curves.
    pub curve: CurveWords,
    /// Words of the taste map.
    pub map: MapWords,
    /// Words of the profile's bars.
    pub taste: TasteWords,
    /// Words of scripted visitor and comparison.
    pub trial: TrialWords,
    /// Words of the encoder's heat map.
    pub attention: AttentionWords,
    /// Words of its part on fine-tuning.
    pub tuning: TuningWords,
    /// Words of the table of downloads.
    pub downloads: DownloadWords,
    /// Words of "Train here".
    pub train: TrainWords,
    /// The browser refused to save a file.
    pub not_saved: &'static str,
}

/// Words behind "why".
pub struct ExplanationWords {
    /// Heading: parts of each expert.
    pub experts: &'static str,
    /// Heading: parts of each history item.
    pub history: &'static str,
    /// No history yet.
    pub no_history: &'static str,
    /// Heading: tags.
    pub tags: &'static str,
    /// Heading: what the visitor wished.
    pub wishes: &'static str,
    /// Disclosure of the plain numbers.
    pub numbers: &'static str,
    /// Heads of the table: expert, raw score, weight, part of the score.
    pub columns: [&'static str; 4],
    /// Label of the sum.
    pub score: &'static str,
    /// Place and uncertainty in a sentence: rank (0 = excluded), uncertainty 0..1.
    pub standing: fn(u32, f32) -> String,
    /// Remove a history item, short.
    pub remove: &'static str,
    /// Remove a history item, with its title.
    pub remove_title: fn(&str) -> String,
    /// Name of an expert.
    pub expert: fn(&str) -> String,
    /// What an expert goes by, in a sentence; empty for one that is not known.
    pub expert_tip: fn(&str) -> &'static str,
    /// A history item with what was done.
    pub did: fn(EventKind, &str) -> String,
    /// The bars' reading: amber speaks for, slate against.
    pub legend: &'static str,
}

/// Words of the learning panel.
pub struct PanelWords {
    /// Heading of the times.
    pub times: &'static str,
    /// Column heads: stage, median, 95th percentile.
    pub time_columns: [&'static str; 3],
    /// Stages with tooltips: learn, rank, click to paint.
    pub stages: [(&'static str, &'static str); 3],
    /// How many samples the times come from.
    pub samples: fn(usize) -> String,
    /// Nothing measured yet.
    pub no_samples: &'static str,
    /// Names of the tabs, and what they are together.
    pub tabs: [&'static str; 6],
    /// Label of the row of tabs.
    pub tabs_label: &'static str,
    /// Heading and tooltip of the experts' shares.
    pub shares: (&'static str, &'static str),
    /// Share now and before the first event.
    pub share: fn(f32, f32) -> String,
    /// Heading of the history.
    pub history: &'static str,
    /// Nothing learnt yet.
    pub no_history: &'static str,
    /// Label and tooltip: bytes stored.
    pub stored: (&'static str, &'static str),
    /// Label and tooltip: memory.
    pub memory: (&'static str, &'static str),
    /// Label and tooltip: events learnt from.
    pub events: (&'static str, &'static str),
    /// Label and tooltip: items seen.
    pub seen: (&'static str, &'static str),
    /// Heading: about the catalogue.
    pub about: &'static str,
    /// Size of the pack: items, events, bytes.
    pub pack: fn(u32, u32, u32) -> String,
    /// Licence.
    pub licence: fn(&str) -> String,
    /// Said when the pack's events were simulated.
    pub simulated: &'static str,
    /// Where the profile is: on this device, in another tab, in memory.
    pub storage: [&'static str; 3],
}

/// Words of the learning curves.
pub struct CurveWords {
    /// What the horizontal axis counts.
    pub events: &'static str,
    /// Name and tooltip of the hit rate.
    pub hit: (&'static str, &'static str),
    /// Name and tooltip of NDCG.
    pub ndcg: (&'static str, &'static str),
    /// Baselines: popularity, chance.
    pub beside: fn(f32, f32) -> String,
    /// A chart in words: choices, value now, popularity, chance.
    pub text: fn(usize, f32, f32, f32) -> String,
    /// Key of the bold line; the argument is its window in choices.
    pub own_key: fn(usize) -> String,
    /// Key of popularity.
    pub popular_key: &'static str,
    /// Key of chance.
    pub chance_key: &'static str,
    /// Key of the dots.
    pub raw_key: &'static str,
    /// A change of taste was noticed at these events.
    pub drift: fn(&[u32]) -> String,
    /// No choice yet.
    pub nothing: &'static str,
    /// How the numbers come about.
    pub note: &'static str,
    /// Button: save as CSV.
    pub csv: &'static str,
}

/// Words of the taste map.
pub struct MapWords {
    /// What it is.
    pub tip: &'static str,
    /// Under the map, with a trail.
    pub here: &'static str,
    /// Under the map, before any choice.
    pub nowhere: &'static str,
    /// Heading of the neighbours.
    pub nearest: &'static str,
    /// What the axes are: points, shares of variance.
    pub axes: fn(usize, [f32; 2]) -> String,
    /// The map in words: nearest titles.
    pub text: fn(&[String]) -> String,
}

/// Words of the profile's bars.
pub struct TasteWords {
    /// What the bars are.
    pub note: &'static str,
    /// No bar yet.
    pub nothing: &'static str,
    /// Heading of a facet.
    pub facet: fn(&str) -> String,
    /// So many more bars.
    pub more_bars: fn(usize) -> String,
    /// Items and choices behind a bar.
    pub counts: fn(u32, u32) -> String,
    /// Wished steps; empty for none.
    pub steps: fn(i32) -> String,
    /// Never wanted.
    pub never: &'static str,
    /// Button: more of a tag.
    pub more: fn(&str) -> String,
    /// Button: less of it.
    pub less: fn(&str) -> String,
    /// Button: nothing of it.
    pub no_more: fn(&str) -> String,
    /// Button: take the wish back.
    pub clear: fn(&str) -> String,
    /// Button: forget what so many choices with it taught.
    pub forget: fn(&str, u32) -> String,
}

/// Words of the encoder's heat map.
pub struct AttentionWords {
    /// Heading and tooltip.
    pub title: (&'static str, &'static str),
    /// A field: title, block, head, share.
    pub field: fn(&str, usize, usize, f32) -> String,
    /// The map in words: the choice that is looked at most, and its mean share.
    pub text: fn(&str, f32) -> String,
}

/// Words of scripted visitor and comparison.
pub struct TrialWords {
    /// Heading of the script and what it does.
    pub script: (&'static str, &'static str),
    /// Label of the first taste.
    pub likes: &'static str,
    /// Label of the second.
    pub then: &'static str,
    /// Label of the speed.
    pub speed: &'static str,
    /// Clicks per second.
    pub per_second: fn(f32) -> String,
    /// Button: start.
    pub start: &'static str,
    /// Button: stop.
    pub stop: &'static str,
    /// Button: change the taste now.
    pub flip: &'static str,
    /// Clicks, those that the list had, and whether it runs.
    pub standing: fn(u32, u32, bool) -> String,
    /// Heading of the comparison and how it works.
    pub compare: (&'static str, &'static str),
    /// What can be compared: nothing, popularity, more exploration, more variety.
    pub rivals: [&'static str; 4],
    /// Points of the own ranking and of the rival, probability by chance, and whether that is sure.
    pub result: fn(u32, u32, f64, bool) -> String,
}

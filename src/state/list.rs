//! The ranked list: its rows, and how a new order comes on screen.

use engine::messages::{EventKind, ListItem, Ranked};
use leptos::prelude::*;

use super::State;
use crate::{glide, timing};

/// How an item came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It was there before.
    Not,
    /// By so many places, up is positive.
    By(i64),
    /// It was not in the ranking.
    New,
}

/// One row of the ranked list; the row stays while its contents change.
#[derive(Clone)]
pub struct Row {
    /// Id of the item.
    pub id: String,
    /// What the ranker says about it.
    pub data: ArcRwSignal<ListItem>,
    /// How it came here with the last change.
    pub moved: ArcRwSignal<Moved>,
    /// What the visitor did to it since the list was last shown.
    pub done: ArcRwSignal<Option<EventKind>>,
}

impl Row {
    pub(super) fn new(item: ListItem, moved: Moved) -> Self {
        Self {
            id: item.item.id.clone(),
            data: ArcRwSignal::new(item),
            moved: ArcRwSignal::new(moved),
            done: ArcRwSignal::new(None),
        }
    }
}

impl State {
    /// Takes a ranking: on screen now, or once nobody points at the list.
    pub fn show(&self, ranked: Ranked, stamp: Option<f64>) {
        let Ranked {
            list,
            summary,
            timings,
        } = ranked;
        if self.held.get_untracked() && !self.same_order(&list) {
            self.newer.set(Some(list));
        } else {
            self.place(list);
        }
        self.summary.set(Some(summary));
        self.version
            .update(|version| *version = version.wrapping_add(1));
        // What is only written down waits until the list is on screen.
        let times = self.times;
        timing::after_paint(move || {
            let took = stamp.map(timing::click_to_paint);
            timing::worker(&timings);
            times.update(|times| {
                times.learn.push(timings.learn);
                times.rank.push(timings.rank);
                if let Some(took) = took {
                    times.paint.push(took);
                }
            });
        });
    }

    fn same_order(&self, list: &[ListItem]) -> bool {
        self.rows.with_untracked(|rows| {
            rows.iter()
                .map(|row| &row.id)
                .eq(list.iter().map(|item| &item.item.id))
        })
    }

    /// Shows the newer list that waits, if there is one.
    pub fn show_newer(&self) {
        // Taken first: `place` reads the signal, too.
        if self.newer.with_untracked(Option::is_some)
            && let Some(list) = self.newer.try_update(Option::take).flatten()
        {
            self.place(list);
        }
    }

    /// Puts a list on screen: rows that stay keep their elements, marks say how they moved.
    fn place(&self, list: Vec<ListItem>) {
        let skipped = self.newer.with_untracked(Option::is_some);
        if skipped {
            self.newer.set(None);
        }
        let before = glide::before();
        self.fill(list, |known, item| {
            let from = known.map_or(item.rank_before, |row| row.data.read_untracked().rank);
            match from {
                0 => Moved::New,
                from if from == item.rank => Moved::Not,
                from => Moved::By(i64::from(from) - i64::from(item.rank)),
            }
        });
        self.placed
            .update(|placed| *placed = placed.wrapping_add(1));
        glide::after(before);
    }

    /// Fills the list. An item that is in it already keeps its row, because the view of a row is
    /// bound to that row's signals for as long as the item stays.
    pub(super) fn fill(
        &self,
        list: Vec<ListItem>,
        moved: impl Fn(Option<&Row>, &ListItem) -> Moved,
    ) {
        let old = self.rows.get_untracked();
        let rows = list.into_iter().map(|item| {
            let known = old.iter().find(|row| row.id == item.item.id);
            let moved = moved(known, &item);
            match known {
                Some(row) => {
                    row.data.set(item);
                    row.moved.set(moved);
                    row.done.set(None);
                    row.clone()
                }
                None => Row::new(item, moved),
            }
        });
        self.rows.set(rows.collect());
    }

    pub(super) fn undo_marks(&self) {
        self.rows
            .with_untracked(|rows| rows.iter().for_each(|row| row.done.set(None)));
    }
}

//! The ranked list: places, reasons, comparison with a rival, preview.

use recommender::explain::Reason;
use recommender::interleave::{Team as Draft, team_draft};
use recommender::kernel::order_descending;
use recommender::random::mix;
use recommender::{ItemIndex, Placed, RankRequest};

use super::{DEPTH, Desk, filter};
use crate::messages::{EventKind, Failure, ListItem, Preview, Rising, Rival, Team, View, Why};
use crate::view;

/// Items that a preview names.
const RISING: usize = 5;

impl Desk {
    /// Ranks, and marks how far each item moved since the last ranking.
    pub fn rank(&mut self, view: &View) -> Vec<ListItem> {
        let candidates = self.candidates(&view.filter);
        let request = request(view, candidates.as_deref());
        let learner = self.session.learner();
        // The places behind the list are remembered for the marks.
        let placed = learner.rank_deep(&request, DEPTH);
        let (placed, teams) = match view.rival {
            None => (placed, Vec::new()),
            Some(rival) => self.interleaved(&request, rival, placed),
        };
        let draw = learner.draw(request.explore, request.seed);
        let list = placed
            .iter()
            .take(request.limit)
            .enumerate()
            .map(|(at, placed)| {
                let team = teams.get(at).copied();
                self.list_item(*placed, at as u32 + 1, draw.as_deref(), team)
            })
            .collect();
        self.places = placed.iter().map(|placed| placed.item).collect();
        list
    }

    /// Draws the list from this ranking and a rival's by turns; what the list leaves of this ranking
    /// follows behind it. Also the team of each place of the list.
    fn interleaved(
        &self,
        request: &RankRequest,
        rival: Rival,
        own: Vec<Placed>,
    ) -> (Vec<Placed>, Vec<Team>) {
        let learner = self.session.learner();
        let other: Vec<ItemIndex> = match rival {
            Rival::Settings { explore, diversity } => {
                let request = RankRequest {
                    explore: explore.clamp(0.0, 1.0),
                    diversity: diversity.clamp(0.0, 1.0),
                    ..request.clone()
                };
                let placed = learner.rank_deep(&request, request.limit);
                placed.iter().map(|placed| placed.item).collect()
            }
            Rival::Popularity => {
                let wanted = |item: &&ItemIndex| {
                    let among = request.candidates.as_ref();
                    !learner.is_settled(**item)
                        && !learner.is_unwanted(**item)
                        && among.is_none_or(|among| among.contains(item))
                };
                let order = self.by_popularity.iter().filter(wanted);
                order.take(request.limit).copied().collect()
            }
        };
        let items: Vec<ItemIndex> = own.iter().map(|placed| placed.item).collect();
        // As stable as the exploration draw: another coin only after another event.
        let seed = request.seed ^ mix(u64::from(learner.events()));
        let drafted = team_draft(&items, &other, request.limit, seed);
        let list: Vec<ItemIndex> = drafted.iter().map(|(item, _)| *item).collect();
        let scores = learner.score(&list);
        let mut placed: Vec<Placed> = list
            .iter()
            .zip(scores)
            .map(|(&item, score)| Placed { item, score })
            .collect();
        let rest = own
            .into_iter()
            .filter(|placed| !list.contains(&placed.item));
        placed.extend(rest);
        placed.truncate(DEPTH);
        let teams = drafted.iter().map(|(_, team)| match team {
            Draft::A => Team::Own,
            Draft::B => Team::Rival,
        });
        (placed, teams.collect())
    }

    /// What would change in the list that was last ranked if this happened to this item. Learns on
    /// a copy.
    ///
    /// # Errors
    /// The catalogue has no such item.
    pub fn preview(&self, item: &str, kind: EventKind, view: &View) -> Result<Preview, Failure> {
        let catalogue = &self.pack().catalogue;
        let index = catalogue.find(item).ok_or_else(|| Failure::UnknownItem {
            item: item.to_owned(),
        })?;
        let mut learner = self.session.learner().clone();
        learner.learn_item(index, super::kind_of(kind, 0.0));
        let candidates = filter::candidates(catalogue, &view.filter);
        let request = request(view, candidates.as_deref());
        let then: Vec<ItemIndex> = learner
            .rank_deep(&request, DEPTH)
            .into_iter()
            .map(|placed| placed.item)
            .collect();
        let place = |among: &[ItemIndex], item: ItemIndex| {
            let at = among.iter().position(|other| *other == item);
            at.map_or(0, |at| at as u32 + 1)
        };
        let mut rising: Vec<Rising> = then
            .iter()
            .take(request.limit)
            .map(|&item| Rising {
                item: catalogue.item(item).id.clone(),
                title: catalogue.item(item).title.clone(),
                from: place(&self.places, item),
                to: place(&then, item),
            })
            .collect();
        // Further down than is remembered counts as just behind.
        let rise = |rising: &Rising| match rising.from {
            0 => DEPTH as i64 + 1 - i64::from(rising.to),
            from => i64::from(from) - i64::from(rising.to),
        };
        rising.retain(|rising| rise(rising) > 0);
        let order = order_descending(rising.iter().map(|rising| rise(rising) as f32));
        let order = order.into_iter().take(RISING);
        let rising = order.map(|at| rising[at].clone()).collect();
        let places = self
            .shown(request.limit)
            .iter()
            .map(|&item| (catalogue.item(item).id.clone(), place(&then, item)));
        Ok(Preview {
            rising,
            places: places.collect(),
        })
    }

    fn list_item(
        &self,
        placed: Placed,
        rank: u32,
        draw: Option<&[f32]>,
        team: Option<Team>,
    ) -> ListItem {
        let catalogue = &self.pack().catalogue;
        let learner = self.session.learner();
        let why = match learner.reason(placed.item, draw) {
            Reason::Because(kind, items) => Why::Because {
                kind: view::kind_view(kind),
                titles: items
                    .iter()
                    .map(|item| catalogue.item(*item).title.clone())
                    .collect(),
            },
            Reason::Tags(tags) => Why::Tags { tags },
            Reason::Wished(tags) => Why::Wished { tags },
            Reason::Popular => Why::Popular,
            Reason::Exploring => Why::Exploring,
        };
        ListItem {
            item: view::item_view(catalogue.item(placed.item)),
            rank_before: self
                .places
                .iter()
                .position(|item| *item == placed.item)
                .map_or(0, |at| at as u32 + 1),
            rank,
            score: placed.score,
            why,
            team,
        }
    }
}

fn request(view: &View, candidates: Option<&[ItemIndex]>) -> RankRequest {
    RankRequest {
        limit: (view.limit as usize).min(DEPTH),
        explore: view.explore.clamp(0.0, 1.0),
        diversity: view.diversity.clamp(0.0, 1.0),
        seed: u64::from(view.seed),
        candidates: candidates.map(<[ItemIndex]>::to_vec),
        ..RankRequest::default()
    }
}

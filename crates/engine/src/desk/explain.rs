//! Explanations in the page's messages.

use recommender::RankRequest;

use super::Desk;
use crate::messages::{ExpertPart, Explained, Failure, HistoryPart, TagPart};
use crate::view;

impl Desk {
    /// Why is this item where it is?
    ///
    /// # Errors
    /// The catalogue has no such item.
    pub fn explain(&self, item: &str) -> Result<Explained, Failure> {
        let catalogue = &self.pack().catalogue;
        let index = catalogue.find(item).ok_or_else(|| Failure::UnknownItem {
            item: item.to_owned(),
        })?;
        let learner = self.session.learner();
        let explanation = learner.explain(index);
        let part = |part: &recommender::explain::ExpertPart| ExpertPart {
            expert: part.expert.name().to_owned(),
            raw: part.raw,
            weight: part.weight,
            contribution: part.raw * part.weight,
        };
        let tag = |tag: recommender::explain::TagPart| TagPart {
            facet: tag.facet,
            value: tag.value,
            contribution: tag.contribution,
        };
        let history = explanation.history.iter().map(|part| HistoryPart {
            item: catalogue.item(part.item).id.clone(),
            title: catalogue.item(part.item).title.clone(),
            kind: view::kind_view(part.kind),
            contribution: part.contribution,
        });
        Ok(Explained {
            item: view::item_view(catalogue.item(index)),
            score: explanation.score,
            rank: learner
                .place(index, &RankRequest::default())
                .map_or(0, |place| place.round() as u32),
            experts: explanation.experts.iter().map(part).collect(),
            history: history.collect(),
            wishes: explanation.wishes.into_iter().map(tag).collect(),
            tags: explanation.tags.into_iter().map(tag).collect(),
            uncertainty: explanation.uncertainty,
        })
    }
}

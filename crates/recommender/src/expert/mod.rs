//! The experts: each scores the whole catalogue; the fusion adds them up.
//!
//! | Expert | Raw score of item i | State |
//! |---|---|---|
//! | popularity | z-score of ln(1 + count) | none |
//! | recent | the same for time-decayed counts | none |
//! | content | xᵢ · decayed mean of the history's vectors | d numbers |
//! | neighbours | decayed mean over the history of the cosine with i | one number per item |
//! | next | decayed mean over the history of how often i follows | one number per item |
//! | taste | xᵢ · posterior mean | d + d² numbers |
//! | encoder | Eᵢ · user vector, a logit ([`crate::encoder`]) | keys and values of the window |
//!
//! A decayed mean weighs an event by (1 − γ)·γ^age, age counted in events, so one event alone says
//! little and many say up to 1. All but the encoder are linear in the history: an explanation can
//! name each event's share, and an event can be taken out again. The encoder's share of an event is
//! what changes when it encodes the history without it.

pub mod decayed;
pub mod popularity;
pub mod sequence;
pub mod taste;

//! The finished pack, beside popularity.

use leptos::prelude::*;

use crate::lab::Lab;
use crate::lab::panel::size;
use crate::words::lab_words;

/// Bars of both orders, the verdict, the download.
#[component]
pub fn Outcome(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let save = move |_| {
        if !training.download() {
            training.remark.set(lab_words().not_saved.to_owned());
        }
    };
    move || {
        training.finished.get().map(|pack| {
            let (ndcg, popularity) = (pack.ndcg, pack.popularity_ndcg);
            let most = ndcg.max(popularity).max(1e-6);
            view! {
                <div class="outcome">
                    <h3>{w.finished}</h3>
                    <p class="verdict">{(w.verdict)(ndcg, popularity)}</p>
                    <ul class="parts compare" role="list" title=w.ndcg.1>
                        <Ndcg name=w.encoder value=ndcg share=ndcg / most class="bar for" id="train-ndcg"/>
                        <Ndcg name=w.popularity value=popularity share=popularity / most class="bar baseline" id="train-popularity"/>
                    </ul>
                    <p class="note">{w.ndcg.1}</p>
                    <div class="sheet-foot">
                        <button type="button" class="primary" data-testid="train-download" on:click=save>
                            {(w.download)(&size(pack.bytes.length()))}
                        </button>
                        <button type="button" class="quiet" data-testid="train-another" on:click=move |_| training.another()>
                            {w.another}
                        </button>
                    </div>
                    <p class="note"><code>{(w.use_it)(&pack.file_name)}</code></p>
                </div>
            }
        })
    }
}

#[component]
fn Ndcg(
    name: &'static str,
    value: f32,
    /// Of the longer bar.
    share: f32,
    class: &'static str,
    id: &'static str,
) -> impl IntoView {
    view! {
        <li class="part">
            <span class="part-name">{name}</span>
            <span class="track from-start" aria-hidden="true">
                <span class=class style:inline-size=format!("{:.1}%", share.clamp(0.0, 1.0) * 100.0)></span>
            </span>
            <span class="number"><span data-testid=id>{format!("{value:.3}")}</span> <span class="unit">" NDCG@10"</span></span>
        </li>
    }
}

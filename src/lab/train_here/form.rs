//! What to train on: files and the visitor's own history.

use engine::training::Backend;
use leptos::html::Input;
use leptos::prelude::*;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

use crate::lab::Lab;
use crate::lab::panel::size;
use crate::lab::training::Plan;
use crate::words::lab_words;
use crate::words::training::Named;

/// Drop area, list of files, own history, settings, start.
#[component]
pub fn Form(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let ready = move || {
        training.files.with(|files| !files.is_empty()) || training.plan.with(|p| p.own_history)
    };
    view! {
        <DropArea lab/>
        <Files lab/>
        <OwnHistory lab/>
        <Settings lab/>
        <div class="sheet-foot">
            <button
                type="button" class="primary" data-testid="train-start"
                disabled=move || !ready() on:click=move |_| training.start()
            >{w.start}</button>
            <p class="note" data-testid="train-fetches">
                {move || if ready() { fetches(lab) } else { w.needs.to_owned() }}
            </p>
        </div>
    }
}

/// What starting downloads.
fn fetches(lab: Lab) -> String {
    let w = &lab_words().train;
    let training = lab.training;
    if training.open.get() {
        return w.fetched.to_owned();
    }
    let weight = |backend| training.weight(backend).map(size);
    let cpu = weight(Backend::Cpu).unwrap_or_default();
    // The graphics card is asked only once the CPU build is there.
    (w.fetches)(&cpu, weight(Backend::Webgpu).as_deref())
}

#[component]
fn DropArea(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let over = RwSignal::new(false);
    let input = NodeRef::<Input>::new();
    let add = move |list: Option<FileList>| {
        let Some(list) = list else { return };
        let chosen: Vec<File> = (0..list.length()).filter_map(|at| list.get(at)).collect();
        training.files.update(|files| {
            // The same name again is the newer version of the same file.
            files.retain(|file| chosen.iter().all(|new| new.name() != file.name()));
            files.extend(chosen);
        });
        training.remark.set(String::new());
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        add(event.data_transfer().and_then(|data| data.files()));
    };
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            // The same file may be chosen again.
            input.set_value("");
            input.click();
        }
    };
    let chosen = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        add(input.files());
    };
    let formats = w.formats.map(|(name, what)| {
        view! { <div><dt>{name}</dt><dd>{what}</dd></div> }
    });
    view! {
        <div
            class="drop" data-testid="train-drop"
            class:over=move || over.get()
            on:dragenter=move |_| over.set(true)
            on:dragover=move |event: DragEvent| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <p>
                {w.drop} " "
                <button type="button" class="quiet" data-testid="train-choose" on:click=choose>{w.choose}</button>
            </p>
            <input
                node_ref=input type="file" multiple hidden aria-label=w.choose
                accept=".csv,.json,.jsonl,.inter,.dat,.data,.item" on:change=chosen
            />
            <dl class="formats">{formats}</dl>
        </div>
    }
}

/// The chosen files, each with its size and a way out.
#[component]
fn Files(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    move || {
        let files = training.files.get();
        (!files.is_empty()).then(|| {
            let lines = files.into_iter().map(|file| {
                let name = file.name();
                let bytes = file.size().min(f64::from(u32::MAX)) as u32;
                let label = (w.remove)(&name);
                let shown = name.clone();
                let remove = move |_| {
                    training
                        .files
                        .update(|files| files.retain(|file| file.name() != name));
                };
                view! {
                    <li>
                        <span class="file-name">{shown}</span>
                        <span class="file-size">{size(bytes)}</span>
                        <button type="button" class="quiet" aria-label=label on:click=remove>"×"</button>
                    </li>
                }
            });
            view! { <ul class="chosen-files" role="list" data-testid="train-files">{lines.collect_view()}</ul> }
        })
    }
}

#[component]
fn OwnHistory(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let encoder = move || {
        lab.pack
            .with(|pack| pack.as_ref().is_some_and(|(pack, _)| pack.encoder))
    };
    let events = move || lab.summary.with(|s| s.as_ref().map_or(0, |s| s.events));
    let off = move || !encoder() || events() == 0;
    let tip = move || w.own_history_tip[usize::from(!encoder())];
    let ticked = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        training.plan.update(|plan| plan.own_history = on);
    };
    view! {
        <div class="own">
            <label>
                <input
                    type="checkbox" data-testid="train-own" disabled=off
                    prop:checked=move || training.plan.with(|plan| plan.own_history)
                    on:change=ticked
                />
                <span>{move || (w.own_history)(events())}</span>
            </label>
            <p class="note">{tip}</p>
        </div>
    }
}

#[component]
fn Settings(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    view! {
        <details class="settings">
            <summary>{w.settings}</summary>
            <div class="setting-fields">
                <Number lab name=w.epochs id="train-epochs" range=(1, 500) get=|p| p.epochs set=|p, n| p.epochs = n/>
                <Number lab name=w.batch id="train-batch" range=(32, 1024) get=|p| p.batch set=|p, n| p.batch = n/>
                <Number lab name=w.history id="train-history" range=(2, 200) get=|p| p.history set=|p, n| p.history = n/>
            </div>
        </details>
    }
}

/// A whole number of the plan. What is out of range is brought into it when the field is left.
#[component]
fn Number(
    lab: Lab,
    name: Named,
    id: &'static str,
    /// Least and most.
    range: (u32, u32),
    get: fn(&Plan) -> u32,
    set: fn(&mut Plan, u32),
) -> impl IntoView {
    let plan = lab.training.plan;
    let (least, most) = range;
    let changed = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        let number = input.value().parse().unwrap_or(get(&plan.get_untracked()));
        let number = number.clamp(least, most);
        plan.update(|plan| set(plan, number));
        input.set_value(&number.to_string());
    };
    view! {
        <label title=name.1>
            <span>{name.0}</span>
            <input
                type="number" data-testid=id min=least.to_string() max=most.to_string()
                prop:value=move || plan.with(get).to_string() on:change=changed
            />
            <small>{name.1}</small>
        </label>
    }
}

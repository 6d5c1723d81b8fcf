//! The lab: everything that is loaded when it is first needed. See [`crate::bridge`] for how it and
//! the page work together.

mod analyst;
mod attention;
mod builds;
mod explanation;
mod hub;
mod link;
mod notices;
mod panel;
mod plot;
mod script;
mod train_here;
mod trainer;
mod training;

use std::cell::RefCell;
use std::collections::BTreeMap;

use engine::messages::{
    Explained, Keep, Op, PackView, ReplyBody, RequestBody, Rival, Storage, Summary,
};
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, MessagePort};

use crate::bridge::{Now, Place, ToLab, ToPage};
use crate::stats::Quantiles;
use crate::words::{Language, speak, spoken};
use crate::{js, language};
use analyst::Analyst;
use explanation::Explanation;
use link::Link;
use notices::Notices;
use panel::{Inside, Tab};
use script::{Script, Taste};
use train_here::TrainHere;
use training::Training;

/// What the lab knows, as signals that follow the page's; copies are the same.
#[derive(Clone, Copy)]
pub struct Lab {
    link: StoredValue<Link, LocalStorage>,
    /// About the pack, and its bytes, once the ranker is ready.
    pub pack: RwSignal<Option<(PackView, u32)>>,
    /// Where the profile is kept, once known.
    pub storage: RwSignal<Option<Storage>>,
    /// What the learner knows, once known.
    pub summary: RwSignal<Option<Summary>>,
    /// Counts the rankings that arrived.
    pub version: RwSignal<u32>,
    /// Is the pointer or the keyboard focus inside the list?
    pub held: RwSignal<bool>,
    /// Has the ranker answered, and does it still?
    pub ready: RwSignal<bool>,
    /// Query-string bytes that the page sent.
    pub page_sent: RwSignal<u32>,
    /// Quantiles of learning, ranking and click to paint, and from how many changes.
    pub times: RwSignal<([Quantiles; 3], u32)>,
    /// What the list is compared with.
    pub rival: RwSignal<Option<Rival>>,
    /// Sentences at the foot of the page.
    pub notices: Notices,
    /// Fine-tuning and "Train here".
    pub training: Training,
    /// What is worked out about the learner.
    pub analyst: Analyst,
    /// The panel's tab.
    pub tab: RwSignal<Tab>,
    /// Where the profile is kept, as it was asked for.
    pub keep: RwSignal<Keep>,
    /// Ids of the list, and of a compared one, whether the own ranking put each there.
    pub list: RwSignal<Vec<(String, Option<bool>)>>,
    /// Points of the own ranking and of the rival.
    pub score: RwSignal<(u32, u32)>,
    /// The scripted visitor.
    pub script: Script,
    /// The language that is spoken, as the page says.
    pub language: RwSignal<Language>,
}

thread_local! {
    /// What is drawn into the page's elements, by id. Dropping a handle takes it away.
    static DRAWN: RefCell<BTreeMap<String, Box<dyn std::any::Any>>> = RefCell::default();
}

/// Runs the lab in the page that has loaded it.
pub fn run() {
    js::report_panics();
    language::begin();
    let Some(link) = Link::new() else {
        web_sys::console::error_1(&"the lab is loaded by the page, not alone".into());
        return;
    };
    let Some(sheets) = document().get_element_by_id("lab-sheets") else {
        return;
    };
    // Mounting sets up what signals need; they live as long as the page.
    mount_to(sheets.unchecked_into(), move || {
        let lab = Lab::new(link.clone());
        link.listen(move |message| lab.hear(message));
        link.tell(&ToPage::Ready);
        view! { <TrainHere lab/> }
    })
    .forget();
}

impl Lab {
    fn new(link: Link) -> Self {
        let notices = Notices::new(link.clone());
        let lab = Self {
            link: StoredValue::new_local(link),
            pack: RwSignal::new(None),
            storage: RwSignal::new(None),
            summary: RwSignal::new(None),
            version: RwSignal::new(0),
            held: RwSignal::new(false),
            ready: RwSignal::new(false),
            page_sent: RwSignal::new(0),
            times: RwSignal::new(([None; 3], 0)),
            rival: RwSignal::new(None),
            notices,
            training: Training::new(),
            analyst: Analyst::new(),
            tab: RwSignal::new(Tab::Curve),
            keep: RwSignal::new(Keep::Device),
            list: RwSignal::new(Vec::new()),
            score: RwSignal::new((0, 0)),
            script: Script::new(),
            language: RwSignal::new(spoken()),
        };
        lab.analyst.begin(lab);
        // The ranker may be ready long before the lab, or not yet.
        let begun = StoredValue::new(false);
        Effect::new(move || {
            if lab.ready.get() && !begun.get_value() {
                begun.set_value(true);
                lab.training.begin(lab, lab.pack_url());
            }
        });
        Effect::new(move || {
            let name = lab.training.backend.get().name().to_owned();
            lab.tell(&ToPage::Backend(name));
        });
        train_here::follow_button(lab);
        lab
    }

    fn tell(&self, message: &ToPage) {
        self.link.with_value(|link| link.tell(message));
    }

    /// Asks the ranker, through the page. An error is a sentence, empty where the page has said it.
    pub fn call(
        &self,
        body: RequestBody,
    ) -> impl Future<Output = Result<ReplyBody, String>> + use<> {
        self.link.with_value(|link| link.ask(body, None))
    }

    /// Hands a trainer's port to the ranker. What comes of it is heard as notices of the ranker.
    pub fn connect_trainer(&self, port: MessagePort) {
        let answer = self
            .link
            .with_value(|link| link.ask(RequestBody::Connect, Some(port)));
        // A ranker that died meanwhile gets another port when it is back.
        spawn_local(async move { drop(answer.await) });
    }

    /// Address of the pack, relative to the page.
    pub fn pack_url(&self) -> String {
        js::meta("honeyguide-pack")
    }

    /// Asks the ranker's worker for its downloads; they come through the port.
    pub fn ask_downloads(&self, port: &MessagePort) {
        self.link
            .with_value(|link| link.tell_with(&ToPage::Downloads, port));
    }

    /// Changes what the learner knows; the list follows.
    pub fn change(&self, op: Op, stamp: Option<f64>) {
        self.tell(&ToPage::Change { op, stamp });
    }

    /// Why is this item where it is?
    pub async fn explain(&self, item: String) -> Option<Explained> {
        match self.call(RequestBody::Explain { item }).await {
            Ok(ReplyBody::Explained(explained)) => Some(*explained),
            Err(why) if !why.is_empty() => {
                self.notices.say("explanation", &why);
                None
            }
            _ => None,
        }
    }

    /// Closes the explanation that is open.
    pub fn close_explanation(&self) {
        self.tell(&ToPage::CloseExplanation);
    }

    fn hear(&self, message: ToLab) {
        match message {
            ToLab::Now(now) => self.follow(*now),
            // Taken out before, by the link.
            ToLab::Answer { .. } => {}
            ToLab::Speak(language) => {
                speak(language);
                put(self.language, language);
            }
            ToLab::Mount { place, element } => self.mount(place, element),
            ToLab::Unmount { element } => {
                let gone = DRAWN.with_borrow_mut(|drawn| drawn.remove(&element));
                drop(gone);
            }
            ToLab::TrainHere => self.training.sheet.set(true),
            ToLab::Pressed { topic } => self.notices.pressed(&topic),
            ToLab::Forgotten => self.training.forgotten(),
            ToLab::RankerRestarted => self.training.ranker_restarted(),
            ToLab::Credit { own } => self.credit(own),
        }
    }

    /// A point in the comparison.
    fn credit(&self, own: bool) {
        self.score.update(|(mine, theirs)| {
            *mine += u32::from(own);
            *theirs += u32::from(!own);
        });
    }

    /// The tastes that a scripted visitor can have.
    pub fn tastes(&self) -> Vec<Taste> {
        self.analyst.facets.with(|facets| script::tastes(facets))
    }

    /// The same, without following changes.
    pub fn tastes_untracked(&self) -> Vec<Taste> {
        let facets = self.analyst.facets;
        facets.with_untracked(|facets| script::tastes(facets))
    }

    fn follow(&self, now: Now) {
        put(self.pack, now.pack);
        put(self.storage, now.storage);
        put(self.summary, now.summary);
        put(self.held, now.held);
        put(self.page_sent, now.page_sent);
        put(self.times, (now.times, now.timed));
        put(self.rival, now.rival);
        put(self.keep, now.keep);
        put(self.list, now.list);
        if let Some(tab) = now.tab.as_deref().and_then(Tab::from_id) {
            put(self.tab, tab);
        }
        put(self.version, now.version);
        put(self.ready, now.ready);
    }

    fn mount(&self, place: Place, element: String) {
        let Some(target) = document().get_element_by_id(&element) else {
            return;
        };
        target.set_inner_html("");
        let (lab, target): (Self, HtmlElement) = (*self, target.unchecked_into());
        let handle: Box<dyn std::any::Any> = match place {
            Place::Panel => Box::new(mount_to(target, move || view! { <Inside lab/> })),
            Place::Explanation { item } => Box::new(mount_to(
                target,
                move || view! { <Explanation lab item=item.clone()/> },
            )),
        };
        DRAWN.with_borrow_mut(|drawn| drawn.insert(element, handle));
    }
}

/// A signal that stays equal stays silent.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

//! The trainer's task: hears events one after the other, and does what they ask for.

use std::rc::Rc;
use std::sync::Arc;

use recommender::Pack;
use recommender::encoder::Model;
use trainer::Backend;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

use super::Problem;
use super::browser::{self, memory_bytes, now, post, post_problem, random, scope};
use super::device::{self, BUILD, dispatches};
use super::faults;
use super::inbox::{Event, Inbox};
use super::inputs::Inputs;
use super::link::Link;
use super::locks::{self, Asked};
use super::probe::Probe;
use super::running::{self, Running, Then};
use super::tuner::Tuner;
use crate::messages::PROTOCOL;
use crate::training::{
    Choices, Fault, News, Order, OrderBody, Phase, Pretrain, ToTrainer, TrainingView,
};

/// Milliseconds without a new choice after which it adapts.
const IDLE_MS: u32 = 400;

/// Milliseconds that the ranker has to tell of the visitor's own history.
const HISTORY_MS: u32 = 1_000;

/// Starts listening. The worker's `main`.
pub fn start() {
    let inbox = Inbox::new();
    faults::watch(&inbox);
    #[cfg(feature = "trainer-webgpu")]
    super::dispatches::watch();
    let hearing = Rc::clone(&inbox);
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        hearing.push(match serde_wasm_bindgen::from_value(event.data()) {
            Ok(Order {
                protocol: PROTOCOL,
                body,
            }) => Event::Order(Box::new(body), event.ports().get(0).dyn_into().ok()),
            _ => Event::Foreign,
        });
    });
    scope().set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // The worker listens as long as it lives.
    heard.forget();
    spawn_local(Worker::new(inbox).run());
}

struct Worker {
    inbox: Rc<Inbox>,
    opened: Option<Open>,
    pack_url: String,
    pack: Option<Rc<Pack>>,
    link: Option<Link>,
    choices: Option<Choices>,
    adapting: bool,
    tuner: Option<Tuner>,
    /// There are choices to adapt to.
    pending: bool,
    running: Option<Running>,
}

/// A worker that runs.
struct Open {
    backend: Backend,
    news: News,
    software: bool,
}

impl Worker {
    fn new(inbox: Rc<Inbox>) -> Self {
        Self {
            inbox,
            opened: None,
            pack_url: String::new(),
            pack: None,
            link: None,
            choices: None,
            adapting: false,
            tuner: None,
            pending: false,
            running: None,
        }
    }

    async fn run(mut self) {
        loop {
            let event = self.inbox.next().await;
            if let Err(problem) = self.hear(event).await {
                if problem.fault == Fault::DeviceLost {
                    faults::post_loss(problem.message);
                } else {
                    post_problem(problem);
                }
            }
        }
    }

    async fn hear(&mut self, event: Event) -> Result<(), Problem> {
        match event {
            Event::Order(body, port) => self.order(*body, port).await,
            Event::Foreign => Err(Problem::new(
                Fault::Protocol,
                "the page and its trainer are of different versions; reload the page",
            )),
            Event::Choices(choices) => {
                self.choices = Some(choices);
                self.consider().await
            }
            #[cfg(feature = "trainer-webgpu")]
            Event::Lost(why) => {
                if let Some(running) = &mut self.running {
                    running.save().await;
                }
                self.running = None;
                Err(faults::loss(&why))
            }
            Event::Again(order) => self.pretrain(order, true).await,
            Event::Work => self.work().await,
        }
    }

    async fn order(&mut self, body: OrderBody, port: Option<MessagePort>) -> Result<(), Problem> {
        if let OrderBody::Open {
            lock,
            software,
            pack_url,
        } = body
        {
            return self.open(&lock, software, pack_url, port).await;
        }
        match body {
            OrderBody::Open { .. } => {}
            OrderBody::Probe => return self.probe().await,
            OrderBody::Adapt => {
                self.adapting = true;
                return self.consider().await;
            }
            OrderBody::Rest => {
                self.adapting = false;
                self.tuner = None;
            }
            OrderBody::Pretrain(order) => return self.pretrain(order, false).await,
            OrderBody::Stored => {
                let stored = running::stored().await?;
                post(&News::Stored(stored));
            }
            OrderBody::Resume => {
                self.refuse_second()?;
                let backend = self.open_backend()?;
                self.running = Some(Running::resume(backend).await?);
                self.inbox.work_soon();
            }
            OrderBody::Pause | OrderBody::Continue => {
                if let Some(running) = &mut self.running {
                    running.pause(matches!(body, OrderBody::Pause)).await;
                    self.inbox.work_soon();
                }
            }
            OrderBody::Finish => {
                if let Some(running) = &mut self.running {
                    running.finish();
                    self.inbox.work_soon();
                }
            }
            OrderBody::Cancel => {
                match self.running.take() {
                    Some(mut running) => running.erase().await,
                    None => running::discard().await?,
                }
                post(&News::Cancelled);
                return self.consider().await;
            }
        }
        Ok(())
    }

    async fn open(
        &mut self,
        lock: &str,
        software: bool,
        pack_url: String,
        port: Option<MessagePort>,
    ) -> Result<(), Problem> {
        if let Some(port) = port {
            let hearing = Rc::clone(&self.inbox);
            self.link = Some(Link::new(port, move |ToTrainer::Choices(choices)| {
                hearing.push(Event::Choices(choices));
            }));
        }
        // A page that asks again only brings another port.
        if let Some(open) = &self.opened {
            post(&open.news);
            return Ok(());
        }
        self.pack_url = pack_url;
        if let Asked::Held(held) = locks::take(lock).await {
            // Until the worker ends.
            std::mem::forget(held);
        }
        let support = super::adapter::support().await;
        let backend = device::set_up(software).await?;
        let (adapter, software) = device::adapter(&backend, &support);
        let news = News::Opened {
            backend: BUILD,
            adapter,
            software,
            webgpu: support,
        };
        post(&news);
        self.opened = Some(Open {
            backend,
            news,
            software,
        });
        Ok(())
    }

    fn open_backend(&self) -> Result<Backend, Problem> {
        let open = self.opened.as_ref().map(|open| open.backend.clone());
        open.ok_or_else(|| Problem::new(Fault::Other, "the first order must be Open"))
    }

    /// The page's pack, fetched once.
    async fn pack(&mut self) -> Result<Rc<Pack>, Problem> {
        if let Some(pack) = &self.pack {
            return Ok(Rc::clone(pack));
        }
        self.open_backend()?;
        let bytes = browser::fetch(&self.pack_url).await?;
        let pack = Pack::decode(&bytes).map_err(|error| Problem::new(Fault::Pack, error))?;
        Ok(Rc::clone(self.pack.insert(Rc::new(pack))))
    }

    async fn model(&mut self) -> Result<Option<Arc<Model>>, Problem> {
        Ok(self.pack().await?.encoder.clone().map(Arc::new))
    }

    async fn probe(&mut self) -> Result<(), Problem> {
        let probe = Probe {
            backend: self.open_backend()?,
            software: self.opened.as_ref().is_some_and(|open| open.software),
            items: self.pack().await?.catalogue.len().max(2),
            model: self.model().await?,
            seed: random(),
        };
        let (adapt, pretrain) = probe.run(now).await?;
        post(&News::Probed { adapt, pretrain });
        Ok(())
    }

    /// Is there something to adapt to, and time for it?
    async fn consider(&mut self) -> Result<(), Problem> {
        if !self.adapting || self.running.is_some() {
            return Ok(());
        }
        let Some(choices) = self.choices.clone() else {
            return Ok(());
        };
        let heard = async {
            if self.tuner.is_none() {
                let model = self.model().await?.ok_or_else(|| {
                    Problem::new(Fault::Pack, "the page's pack has no encoder to adapt")
                })?;
                self.tuner = Some(Tuner::new(self.open_backend()?, model, random())?);
            }
            self.tuner
                .as_mut()
                .map_or(Ok(false), |tuner| tuner.hear(&choices))
        };
        match heard.await {
            Ok(new) => {
                self.pending = new;
                if new {
                    self.inbox.work_in(IDLE_MS);
                }
                Ok(())
            }
            Err(problem) => {
                // It would fail with every choice again.
                self.adapting = false;
                Err(problem)
            }
        }
    }

    async fn work(&mut self) -> Result<(), Problem> {
        if let Some(running) = &mut self.running {
            match running.work().await {
                Ok(Then::Work) => self.inbox.work_soon(),
                Ok(Then::Wait) => {}
                Ok(Then::Over) => {
                    self.running = None;
                    return self.consider().await;
                }
                Err(problem) => {
                    self.running = None;
                    return Err(problem);
                }
            }
            return Ok(());
        }
        if let (true, true, Some(tuner)) = (self.pending, self.adapting, &mut self.tuner) {
            self.pending = false;
            let (mut adapted, found) = tuner.attempt(now).await?;
            if let (Some(found), Some(link)) = (found, &self.link) {
                link.tell(&found);
            }
            adapted.dispatches = dispatches();
            adapted.memory_bytes = memory_bytes();
            post(&News::Adapted(adapted));
        }
        Ok(())
    }

    fn refuse_second(&self) -> Result<(), Problem> {
        if self.running.is_none() {
            return Ok(());
        }
        Err(Problem::new(
            Fault::Other,
            "a training runs already; finish or cancel it first",
        ))
    }

    async fn pretrain(&mut self, order: Box<Pretrain>, again: bool) -> Result<(), Problem> {
        self.refuse_second()?;
        let backend = self.open_backend()?;
        running::tell(reading(&order));
        let page = self.pack().await?;
        let mut tokens = Vec::new();
        if order.own_history {
            match &self.choices {
                Some(choices) => tokens.clone_from(&choices.tokens),
                None if page.encoder.is_some() && !again => {
                    self.inbox.push_in(HISTORY_MS, Event::Again(order));
                    return Ok(());
                }
                None => {
                    return Err(Problem::data(
                        "the trainer does not know your own history here: it is told only of pages \
                         whose pack has an encoder; drop a log instead",
                    ));
                }
            }
        }
        let mut hashes = Vec::new();
        for file in &order.files {
            if let Some(hash) = browser::sha256(&file.bytes).await {
                hashes.push((file.name.clone(), hash));
            }
        }
        let inputs = Inputs::gather(&order, &page, &tokens, hashes, random())?;
        drop(order);
        self.running = Some(Running::begin(inputs, backend).await?);
        self.inbox.work_soon();
        Ok(())
    }
}

/// Before anything is known.
fn reading(order: &Pretrain) -> TrainingView {
    TrainingView {
        phase: Phase::Reading,
        backend: BUILD,
        items: 0,
        visitors: 0,
        choices: 0,
        step: 0,
        steps: 0,
        epoch: 0,
        epochs: order.epochs,
        losses: Vec::new(),
        ndcg: Vec::new(),
        popularity_ndcg: 0.0,
        rate: 0.0,
        seconds_left: 0.0,
        dispatches: 0,
        memory_bytes: 0,
    }
}

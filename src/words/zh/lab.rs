//! Chinese, of the lab.

use engine::messages::EventKind;

use super::downloads::DOWNLOADS;
use super::training::{TRAIN, TUNING};
use crate::words::grouped;
use crate::words::lab::{
    AttentionWords, CurveWords, ExplanationWords, LabWords, MapWords, PanelWords, TasteWords,
    TrialWords,
};

/// The lab's words in Chinese.
pub static LAB: LabWords = LabWords {
    loading: "正在询问学习器……",
    close: "关闭",
    no_analysis: |why| match why {
        "" => "负责画图的那部分页面没能加载。请刷新重试。".into(),
        why => format!("画不出来：{why}。"),
    },
    explanation: ExplanationWords {
        experts: "每个专家的贡献",
        history: "你的点击的贡献",
        no_history: "你的历史里还没有什么支持它或反对它。",
        tags: "你口味中的标签",
        wishes: "你要求过的",
        numbers: "具体数字",
        columns: ["专家", "得分", "权重", "贡献"],
        score: "合计",
        standing: |rank, uncertainty| {
            let sure = match uncertainty {
                u if u > 0.85 => "点击还太少，没有把握",
                u if u > 0.5 => "口味专家开始有些把握",
                _ => "口味专家比较有把握",
            };
            let place = match rank {
                0 => "没有参与排名，因为你看过或略过它。".into(),
                rank => format!("在整个排名中居第 {} 位。", grouped(rank as usize)),
            };
            format!("{place}{sure}（不确定度 {uncertainty:.2}；1 = 一无所知）。")
        },
        remove: "移除",
        remove_title: |title| format!("从你的历史中移除“{title}”"),
        expert,
        expert_tip,
        did: |kind, title| {
            let did = match kind {
                EventKind::Like => "喜欢",
                EventKind::Dislike => "不喜欢",
                EventKind::Dismiss => "略过",
                EventKind::Purchase => "购买",
                EventKind::Search => "搜索",
                EventKind::Impression => "见过未选",
                EventKind::Dwell => "看过",
                EventKind::Click => "打开",
            };
            format!("{title}，{did}")
        },
        legend: "琥珀色带 + 的是推荐它的理由，石板蓝带 − 的是不推荐的理由。",
    },

    panel: PanelWords {
        times: "各阶段用时",
        time_columns: ["阶段", "中位数", "95 %"],
        stages: [
            (
                "学习",
                "worker 用一个事件更新所有专家所需的毫秒数，取最近 200 次变化。",
            ),
            (
                "排序",
                "worker 给整个目录打分、融合、排序所需的毫秒数，取最近 200 次变化。",
            ),
            (
                "点击到绘制",
                "从浏览器给点击的时间戳，到显示其效果的那一帧之后第一个任务的毫秒数，取最近 200 次点击。60 Hz 时一帧是 16.7 ms。",
            ),
        ],
        samples: |n| format!("来自 {n} 次变化。"),
        no_samples: "还没有测量。",
        tabs: ["曲线", "地图", "口味", "试用", "内部", "信任"],
        tabs_label: "观察学习器的视图",
        shares: (
            "是什么在影响列表",
            "每个专家现在对排名的影响：权重乘以其得分的离散程度，占总和的份额。权重取决于各专家此前预见你的选择有多准。",
        ),
        share: |now, start| format!("{:.0} %，起初 {:.0} %", now * 100.0, start * 100.0),
        history: "学习依据",
        no_history: "还没有点击。列表按流行度排列。",
        stored: ("存储在此", "档案和事件日志在这个浏览器存储中的大小。"),
        memory: (
            "worker 内存",
            "排序器的 WebAssembly 内存，在这台设备的内存里。",
        ),
        events: (
            "学过的事件",
            "档案中保存的点击、喜欢、不喜欢、略过和搜索的次数。",
        ),
        seen: (
            "已看",
            "不会再推荐的条目数，因为你打开过、喜欢过、不喜欢或略过了它们。",
        ),
        about: "关于这个目录",
        pack: |items, events, bytes| {
            format!(
                "{} 个条目；流行度和近邻来自 {} 个事件；{} KB。",
                grouped(items as usize),
                grouped(events as usize),
                grouped(bytes.div_ceil(1000) as usize)
            )
        },
        licence: |licence| format!("数据许可：{licence}"),
        simulated: "流行度和“共同选择”来自模拟的访问，不是来自真人。",
        storage: [
            "你的档案保存在这台设备上。",
            "你的档案由另一个标签页写入；这一个把点击交给它。",
            "你的档案只在内存里，随这个标签页结束。",
        ],
    },

    curve: CurveWords {
        events: "事件",
        hit: (
            "前 10 命中率",
            "你选择的条目中，在你选择之前一刻位于整个排名前十的比例。那时你已看过的条目不计入任何排名。",
        ),
        ndcg: (
            "NDCG@10",
            "同样的比例，但计入名次：第 1 位的选择计 1，第 2 位计 0.63，第 10 位计 0.29，更靠后计 0。",
        ),
        beside: |popularity, chance| format!("流行度 {popularity:.2}，随机 {chance:.3}"),
        text: |choices, now, popularity, chance| {
            format!(
                "共 {choices} 次选择：最近窗口为 {now:.2}，流行度 {popularity:.2}，随机 {chance:.3}。"
            )
        },
        own_key: |window| format!("学习器，{window} 次选择的平均"),
        popular_key: "流行度排序，同样平均",
        chance_key: "随机",
        raw_key: "每次选择",
        drift: |events| {
            let events: Vec<String> = events.iter().map(u32::to_string).collect();
            format!(
                "在事件 {} 处察觉到口味变化。口味专家放下了大部分所知，重新学习。",
                events.join("、")
            )
        },
        nothing: "还没有选择。每次选择都是先排名、后学习，所以曲线从你的第一次点击开始。",
        note: "每次选择都在学习之前先排名，不含微调。从列表中选，对学习器有利；从目录顶部选，对流行度排序有利，因为目录就是按它排的。",
        csv: "存为 CSV",
    },
    map: MapWords {
        tip: "每个点是一个条目；靠得近，表示已知的内容相似。琥珀色的轨迹是你的选择走过的路。",
        here: "你在琥珀色的点上，轨迹是你来时的路。指向一个点可以看到名称。",
        nowhere: "选择一个条目，琥珀色的点就会出现。指向一个点可以看到名称。",
        nearest: "离你的口味最近",
        axes: |points, [first, second]| {
            format!(
                "{} 个条目。两条轴是条目差异最大的两个方向：占全部差异的 {:.0} % 和 {:.0} %。轴从不移动。",
                grouped(points),
                first * 100.0,
                second * 100.0
            )
        },
        text: |nearest| match nearest {
            [] => "目录的地图。你还不在上面。".into(),
            titles => format!("目录的地图。你附近有：{}。", titles.join("、")),
        },
    },
    taste: TasteWords {
        note: "在学习器看来，带某个标签的条目平均比一般条目高出多少，以对数几率计：+0.7 表示可能性是两倍，−0.7 表示一半。你调一级加 1。",
        nothing: "还没有选择，也就没有偏好。",
        facet: |facet| {
            match facet {
                "creator" => "作者",
                "genre" => "类型",
                "keyword" => "关键词",
                "country" => "国家",
                "tag" => "标签",
                "category" => "类别",
                other => other,
            }
            .into()
        },
        more_bars: |n| format!("还有 {n} 个"),
        counts: |items, chosen| format!("{items} 个条目，你选过 {chosen} 个"),
        steps: |steps| match steps {
            0 => String::new(),
            n if n > 0 => format!("你：+{n}"),
            n => format!("你：−{}", -n),
        },
        never: "你：不要",
        more: |tag| format!("多推荐“{tag}”"),
        less: |tag| format!("少推荐“{tag}”"),
        no_more: |tag| format!("对“{tag}”不感兴趣"),
        clear: |tag| format!("收回你对“{tag}”的要求"),
        forget: |tag, chosen| format!("忘记从 {chosen} 次“{tag}”选择中学到的"),
    },
    trial: TrialWords {
        script: (
            "看它学习",
            "脚本访客按一种口味点击，25 次之后换一种。列表里有它喜欢的就从列表里选，否则从目录里选。这期间你自己的档案放在一边。",
        ),
        likes: "喜欢",
        then: "然后",
        speed: "速度",
        per_second: |speed| {
            if speed < 1.0 {
                "每 2 秒点击一次".into()
            } else {
                format!("每秒点击 {speed:.0} 次")
            }
        },
        start: "开始",
        stop: "停止",
        flip: "现在换口味",
        standing: |clicks, found, runs| match (clicks, runs) {
            (0, false) => String::new(),
            (0, true) => "它正在四处看。".into(),
            (clicks, _) => {
                format!("点击了 {clicks} 次；其中 {found} 次之前，列表里有它喜欢的。")
            }
        },
        compare: (
            "比较两种排名",
            "列表轮流从两种排名中取条目，不说明哪个来自哪种。你从列表中选一次，就给放入它的排名记一分。",
        ),
        rivals: [
            "不比较",
            "学习器与流行度排序",
            "学习器与探索更多的学习器",
            "学习器与更多样的列表",
        ],
        result: |own, rival, chance, sure| {
            let verdict = match (own + rival, sure) {
                (0, _) => return "还没有从列表中选择。".into(),
                (_, true) if own > rival => "学习器自己的排名被选得更多。",
                (_, true) => "另一种排名被选得更多。",
                _ => "点击还太少，没有把握。",
            };
            format!(
                "学习器 {own} 分，对方 {rival} 分。{verdict}（如果两者相当，出现这样结果的概率是 {chance:.2}。）"
            )
        },
    },
    attention: AttentionWords {
        title: (
            "序列专家在看什么",
            "每行一个注意力头，每列一次选择，最新的在左。格子越深，这次选择在编码器对你的看法中占得越多。",
        ),
        field: |title, block, head, share| {
            format!(
                "{title}：在第 {block} 块的第 {head} 个头占 {:.0} %",
                share * 100.0
            )
        },
        text: |title, share| format!("看得最多的是“{title}”，平均 {:.0} %。", share * 100.0),
    },
    tuning: TUNING,
    downloads: DOWNLOADS,
    train: TRAIN,
    not_saved: "浏览器不允许保存这个文件。",
};

fn expert(name: &str) -> String {
    match name {
        "popularity" => "流行度",
        "recent" => "近期流行",
        "content" => "内容相似",
        "neighbours" => "共同选择",
        "next" => "接着选择",
        "taste" => "你的口味",
        "encoder" => "你的序列",
        other => other,
    }
    .into()
}

fn expert_tip(name: &str) -> &'static str {
    match name {
        "popularity" => "条目在数据包的事件中被选择的次数，取对数。",
        "recent" => "同上，只看数据包中最新的事件。",
        "content" => "条目的标签、作者和标题与你选择的有多接近。",
        "neighbours" => "数据包中的访客与你所选的一起选过的条目。",
        "next" => "数据包中的访客在选了你所选的之后不久选过的条目。",
        "taste" => "你的喜欢与不喜欢的线性模型，每个事件都精确更新。",
        "encoder" => {
            "一个小型 Transformer 按顺序读你的选择，说出接下来往往是什么。它随数据包训练好，并在这里按你的选择微调。"
        }
        _ => "",
    }
}

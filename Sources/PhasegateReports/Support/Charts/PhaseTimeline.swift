import PhasegateCore

/// The phases below each other along time: as planned, or as they went.
struct PhaseTimeline {
    private static let width = 520.0
    private static let left = 4.0
    private static let right = 12.0
    private static let row = 46.0
    private static let bar = 14.0
    private static let foot = 28.0

    let phases: [RolloutReport.PhaseReport]
    let openedAt: Moment?
    let now: Moment

    /// The plan on its own axis; empty where no window can be drawn.
    func planned(title: String, description: String) -> Drawing {
        let spans = phases.map { $0.window.flatMap { PlannedSpan($0) } }
        let axis = spans.compactMap(\.self).first?.axis
        let drawn = spans.map { $0?.axis == axis ? $0 : nil }
        guard let axis, let first = drawn.compactMap({ $0?.from }).min(),
            let high = drawn.compactMap({ $0?.to }).max()
        else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: Self.row * Double(phases.count) + Self.foot)
        let step = Self.step(for: high - first, on: axis)
        let low = PlannedSpan.wholeUnit(at: first, on: axis, step: step)
        let scale = ChartScale(over: [low, high], from: Self.left, to: Self.width - Self.right)
        var tick = low
        var index = 0
        while tick < high, index < 64 {
            let x = scale.place(tick)
            canvas.line(from: (x, 0), to: (x, canvas.height - Self.foot + 4), .rule)
            if index % Self.stride(for: (high - low) / step) == 0 {
                canvas.text(PlannedSpan.label(tick, on: axis, step: step), at: (x, canvas.height - 8))
            }
            tick += step
            index += 1
        }
        for (index, phase) in phases.enumerated() {
            name(phase, index, on: &canvas)
            guard let span = drawn[index] else {
                canvas.text(phase.plannedSentence, at: (Self.left, y(index) + 12), size: 11)
                continue
            }
            canvas.box(
                (scale.place(span.from), y(index)),
                width: scale.place(span.to) - scale.place(span.from) - 2,
                height: Self.bar,
                radius: 3,
                stroke: .soft,
                fill: .paper
            )
        }
        return canvas.drawing(title: title, description: description, className: "chart timeline")
    }

    /// What happened on its own axis; empty before anything has.
    func actual(title: String, description: String) -> Drawing {
        guard let begin = ([openedAt] + phases.map(\.from)).compactMap(\.self).min() else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: Self.row * Double(phases.count) + Self.foot)
        let axis = TimeAxis(from: begin, to: max(now, begin), start: Self.left, end: Self.width - Self.right)
        for (index, tick) in axis.ticks.enumerated() {
            let x = axis.place(tick)
            canvas.line(from: (x, 0), to: (x, canvas.height - Self.foot + 4), .rule)
            guard index.isMultiple(of: 2) else { continue }
            let anchor: SVGCanvas.Anchor = index == 0 ? .start : index == 4 ? .end : .middle
            canvas.text(axis.label(tick), at: (x, canvas.height - 8), anchor)
        }
        for (index, phase) in phases.enumerated() {
            name(phase, index, on: &canvas)
            guard let from = phase.from else {
                canvas.text("not entered yet", at: (Self.left, y(index) + 12), size: 11)
                continue
            }
            draw(phase, from: from, at: y(index), along: axis, onto: &canvas)
        }
        return canvas.drawing(title: title, description: description, className: "chart timeline")
    }

    private func draw(
        _ phase: RolloutReport.PhaseReport,
        from: Moment,
        at y: Double,
        along axis: TimeAxis,
        onto canvas: inout SVGCanvas
    ) {
        let start = axis.place(from)
        let end = max(start + 3, axis.place(phase.endedAt ?? (phase.isAtRest ? from : now)))
        canvas.box(
            (start, y),
            width: end - start,
            height: Self.bar,
            radius: 3,
            fill: phase.progress == .finished ? .pass : .accent,
            opacity: 0.35
        )
        for hold in phase.interruptions {
            let left = axis.place(hold.from)
            let right = max(left + 4, axis.place(hold.to ?? now))
            switch hold.kind {
            case .held:
                canvas.box((left, y), width: right - left, height: Self.bar, stroke: .unknown, fill: .paper)
                let strokes = hatching(x: left, y: y, width: right - left, height: Self.bar)
                canvas.path(strokes, stroke: .unknown, width: 1.2)
            case .undoing:
                canvas.path(triangle((left + right) / 2, y + Self.bar + 5, 5, isUp: false), fill: .fail)
                canvas.line(from: ((left + right) / 2, y - 3), to: ((left + right) / 2, y + Self.bar), .fail, width: 2)
            }
        }
        for stage in phase.stages where stage.kind == .gate {
            guard let verdict = stage.verdict, let at = stage.to ?? stage.from else { continue }
            let x = stage.to == nil ? end : axis.place(at)
            VerdictMark(outcome: verdict.outcome, isLeft: stage.progress == .passed)
                .draw(at: (x, y + Self.bar / 2), onto: &canvas)
        }
    }

    private func name(_ phase: RolloutReport.PhaseReport, _ index: Int, on canvas: inout SVGCanvas) {
        let title = phase.title.isEmpty ? phase.name.rawValue : phase.title
        let line = wrapped(title, to: 44, lines: 1).first ?? ""
        canvas.text("\(index + 1)  \(line)", at: (Self.left, y(index) - 6), ink: .ink)
    }

    private func y(_ index: Int) -> Double { Double(index) * Self.row + 21 }

    private static func step(for days: Double, on axis: PlannedSpan.Axis) -> Double {
        switch axis {
        case .days where days <= 14: 1
        case .days where days <= 140: 7
        default: days <= 14 ? 1 : days <= 140 ? 7 : 30
        }
    }

    private static func stride(for count: Double) -> Int { max(1, Int((count / 8).rounded(.up))) }
}

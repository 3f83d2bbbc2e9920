import PhasegateCore

/// A part of the file that has the shape asked for, with its place.
///
/// What did not have its shape is missing here and has been reported, so that
/// the model can be built from the rest without reporting anything twice.
struct CheckedValue {
    /// The kinds of values, as `Shape` names them.
    indirect enum Content {
        case text(String)
        case whole(Int64)
        case number(Double)
        case truth(Bool)
        case duration(Duration)
        case quantity(Quantity)
        case bound(Bound)
        case moment(Moment)
        case minutes(Int)
        case list([CheckedValue])
        case map(CheckedMap)
        case plugIn(CheckedPlugIn)
    }

    /// Where it begins.
    let place: Place
    /// A scalar as it was written; empty for lists and maps.
    let written: String
    /// The value.
    let content: Content

    /// The text of a scalar.
    var text: String? {
        switch content {
        case .list, .map, .plugIn: nil
        case .text, .whole, .number, .truth, .duration, .quantity, .bound, .moment, .minutes: written
        }
    }

    /// The whole number.
    var whole: Int64? { if case .whole(let number) = content { number } else { nil } }

    /// The number, whole or real.
    var number: Double? {
        switch content {
        case .whole(let number): Double(number)
        case .number(let number): number
        case .text, .truth, .duration, .quantity, .bound, .moment, .minutes, .list, .map, .plugIn: nil
        }
    }

    /// The truth value.
    var truth: Bool? { if case .truth(let truth) = content { truth } else { nil } }

    /// The duration.
    var duration: Duration? { if case .duration(let duration) = content { duration } else { nil } }

    /// The quantity.
    var quantity: Quantity? { if case .quantity(let quantity) = content { quantity } else { nil } }

    /// The bound.
    var bound: Bound? { if case .bound(let bound) = content { bound } else { nil } }

    /// The minutes of a time of day or of an offset from UTC.
    var minutes: Int? { if case .minutes(let minutes) = content { minutes } else { nil } }

    /// The members of a list; nothing else has any.
    var list: [CheckedValue] { if case .list(let members) = content { members } else { [] } }

    /// Whether it is a list and nothing is written in it.
    var isEmptyList: Bool { if case .list(let members) = content { members.isEmpty } else { false } }

    /// The map.
    var map: CheckedMap? { if case .map(let map) = content { map } else { nil } }

    /// The probe or channel.
    var plugIn: CheckedPlugIn? { if case .plugIn(let plugIn) = content { plugIn } else { nil } }

    /// The value as a plug-in gets it: without places, units left in the text.
    var setting: Setting {
        switch content {
        case .text, .duration, .quantity, .bound, .moment, .minutes: .text(written)
        case .whole(let number): .whole(number)
        case .number(let number): .real(number)
        case .truth(let truth): .truth(truth)
        case .list(let members): .list(members.map(\.setting))
        case .map(let map): map.setting
        case .plugIn(let plugIn): plugIn.settings
        }
    }
}

/// A map of the file.
struct CheckedMap {
    /// Where it begins.
    let place: Place
    /// Every key that is written, once, in the order of the file, whether or not its value is right.
    private(set) var keys: [(name: String, place: Place)] = []
    /// The values that are right.
    var values: [String: CheckedValue] = [:]
    /// The values that are names, by their keys; those of a probe refer to parts of the rollout.
    var names: [(key: String, value: CheckedValue)] = []
    private var places: [String: Place] = [:]

    /// An empty map.
    init(place: Place) { self.place = place }

    /// The value under a key.
    subscript(key: String) -> CheckedValue? { values[key] }

    /// Whether a key is written at all.
    func has(_ key: String) -> Bool { places[key] != nil }

    /// Where a key is written.
    func place(of key: String) -> Place? { places[key] }

    /// Notes a key that is written.
    mutating func append(_ key: String, at place: Place) {
        keys.append((key, place))
        places[key] = place
    }

    /// The keys whose values are right, with them, in the order of the file.
    var members: [(name: String, place: Place, value: CheckedValue)] {
        keys.compactMap { key in values[key.name].map { (key.name, key.place, $0) } }
    }

    /// The map as a plug-in gets it.
    var setting: Setting { .map(values.mapValues(\.setting)) }
}

/// A part of the file whose shape its `kind` chooses: a probe or a notice channel.
struct CheckedPlugIn {
    /// Its kind, known or not; empty when none is written.
    let kind: String
    /// The keys that every kind has, and its settings, as far as they are right.
    let map: CheckedMap
    /// The keys that every kind has.
    let commonKeys: Set<String>
    /// What a probe can come out with; nothing for a channel, and when that cannot be told.
    let output: ProbeOutput?

    /// The names under a key, at any depth of the settings.
    func names(under key: String) -> [CheckedValue] {
        var found: [CheckedValue] = []
        var waiting = [map]
        while let map = waiting.popLast() {
            found += map.names.filter { $0.key == key }.map(\.value)
            waiting += map.members.compactMap(\.value.map)
        }
        return found
    }

    /// The settings as the plug-in gets them.
    var settings: Setting {
        .map(map.values.filter { !commonKeys.contains($0.key) }.mapValues(\.setting))
    }
}

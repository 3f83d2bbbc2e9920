import Glibc
public import PhasegateCore

/// Room on a volume, or the size of a database.
public struct DiskProbe: ProbeKind {
    /// `disk`.
    public static let name: ProbeName = "disk"
    /// What it measures.
    public static let summary =
        "Free room on the volume of a target or path, or what the target takes up with its journal."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("path", .text, "A path whose volume is looked at instead of the target's."),
        Shape.Key(
            "measure",
            .oneOf(["free", "free-share", "used-by-target"]),
            "`free` bytes for ordinary users (default), `free-share` in percent, or `used-by-target`."
        ),
    ]

    private let target: TargetName
    private let path: String?
    private let measure: String

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        path = settings["path"]?.text
        measure = settings["measure"]?.text ?? "free"
    }

    /// Bytes or percent.
    public var output: ProbeOutput {
        measure == "free-share" ? .number(.share, 0...100) : .number(.size, 0...1e18)
    }

    /// Asks the file system.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard let target = context.rollout.target(target) else {
            throw ProbeError(.failed, "there is no target '\(target)'")
        }
        if measure == "used-by-target" { return try await size(of: target, in: context) }
        let place = try await place(of: target, in: context)
        var volume = statvfs()
        guard statvfs(place, &volume) == 0, volume.f_blocks > 0 else {
            throw ProbeError(.unreachable, "cannot ask the volume of '\(place)': \(String(cString: strerror(errno)))")
        }
        let free = Int64(volume.f_bavail) * Int64(volume.f_frsize)
        guard measure == "free-share" else {
            return Measurement(Quantity(free, .bytes), resolvedQuery: "statvfs('\(place)')")
        }
        guard let share = Quantity(real: Double(volume.f_bavail) / Double(volume.f_blocks) * 100, .percent) else {
            throw ProbeError(.notAValue, "the volume of '\(place)' has no size")
        }
        return Measurement(share, resolvedQuery: "statvfs('\(place)')", notes: ["\(free) B free"])
    }

    /// A path on the volume: the one that is named, the file, or the directory of a server on this machine.
    private func place(of target: DatabaseTarget, in context: ProbeContext) async throws(ProbeError) -> String {
        if let place = path.map(context.path) ?? target.location.path.map(context.path) { return place }
        guard target.location.address?.isLocal == true else {
            throw ProbeError(
                .unsupported,
                "'\(target.name)' is on another machine, whose room cannot be seen from here; run phasegate there, or "
                    + "ask its monitoring with a 'command'"
            )
        }
        let session = try await context.session(on: target.name)
        let server = try context.powered(session, as: (any DataPlacing).self, "tell where its data is")
        do throws(SessionError) {
            if let directory = try await server.dataDirectory() { return directory }
        } catch {
            throw ProbeError(error)
        }
        throw ProbeError(
            .unreachable,
            "the server of '\(target.name)' does not tell its user where its data is; name a 'path' on that volume"
        )
    }

    private func size(of target: DatabaseTarget, in context: ProbeContext) async throws(ProbeError) -> Measurement {
        if let file = target.location.path.map(context.path) {
            guard fileSize(file) > 0 else { throw ProbeError(.unreachable, "'\(file)' is not there") }
            let bytes = fileSize(file) + fileSize(file + "-wal")
            return Measurement(Quantity(bytes, .bytes), resolvedQuery: "size of '\(file)' and its journal")
        }
        let session = try await context.session(on: target.name)
        let reader = try context.powered(session, as: (any IdentityReading).self, "tell its size")
        do {
            let bytes = try await reader.identity().bytes
            return Measurement(Quantity(bytes, .bytes), resolvedQuery: "size of '\(target.location)'")
        } catch {
            throw ProbeError(error)
        }
    }
}

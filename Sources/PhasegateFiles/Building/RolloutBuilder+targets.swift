import PhasegateCore

extension RolloutBuilder {
    mutating func targets(_ map: CheckedMap?) -> [DatabaseTarget] {
        declared(.target, in: map).map { name, target in
            let fingerprint = target["fingerprint"]?.map
            return DatabaseTarget(
                name: TargetName(rawValue: name),
                engine: target["engine"]?.text ?? "",
                location: location(of: target, named: name),
                fingerprint: DatabaseTarget.Fingerprint(
                    applicationID: fingerprint?["application-id"]?.whole,
                    system: fingerprint?["system"]?.text,
                    database: fingerprint?["database"]?.text,
                    tables: texts(fingerprint?["tables"])
                ),
                isWritable: target["writable"]?.truth ?? true,
                connections: connections(of: target, named: name),
                sources: sources(target)
            )
        }
    }

    private mutating func connections(of target: CheckedMap, named name: String) -> ConnectionPolicy? {
        guard let value = target["connections"], let given = value.map else { return nil }
        var policy = ConnectionPolicy()
        policy.minimum = given["min"]?.whole.map(Int.init) ?? policy.minimum
        policy.maximum = given["max"]?.whole.map(Int.init) ?? policy.maximum
        policy.wait = given["wait"]?.duration ?? policy.wait
        policy.idle = given["idle"]?.duration ?? policy.idle
        policy.lifetime = given["lifetime"]?.duration ?? policy.lifetime
        policy.check = given["check"]?.duration ?? policy.check
        let retry = given["retry"]?.map
        policy.retry.attempts = retry?["attempts"]?.whole.map(Int.init) ?? policy.retry.attempts
        policy.retry.first = retry?["first"]?.duration ?? policy.retry.first
        policy.retry.longest = retry?["longest"]?.duration ?? policy.retry.longest
        let breaker = given["breaker"]?.map
        policy.breaker.failures = breaker?["failures"]?.whole.map(Int.init) ?? policy.breaker.failures
        policy.breaker.rest = breaker?["rest"]?.duration ?? policy.breaker.rest
        policy.breaker.successes = breaker?["successes"]?.whole.map(Int.init) ?? policy.breaker.successes
        if policy.minimum > policy.maximum {
            problems.report(
                "contradictory-connections",
                "target '\(name)' would keep \(policy.minimum) connections and have \(policy.maximum) at most",
                hint: "make 'min' the smaller one",
                at: given["min"]?.place ?? value.place
            )
        }
        return policy
    }

    private mutating func location(of target: CheckedMap, named name: String) -> DatabaseLocation {
        guard let engine = target["engine"] else { return .file("") }
        if RolloutGrammar.serverEngines.contains(engine.text ?? "") {
            refuse(["path"], in: target, named: name, hint: "say where the server is with 'host' and 'database'")
            return .server(address(of: target, named: name, at: engine.place))
        }
        refuse(RolloutGrammar.serverKeys, in: target, named: name, hint: "its database is a file: name its 'path'")
        if target["path"] == nil {
            problems.report(
                "missing-key",
                "target '\(name)' has no 'path'",
                hint: "name the database file, relative to the rollout file",
                at: engine.place
            )
        }
        return .file(target["path"]?.text ?? "")
    }

    private mutating func refuse(_ keys: [String], in target: CheckedMap, named name: String, hint: String) {
        for key in keys {
            guard let value = target[key] else { continue }
            problems.report(
                "unfitting-key",
                "target '\(name)' is a \(target["engine"]?.text ?? "") database and has no '\(key)'",
                hint: hint,
                at: value.place
            )
        }
    }

    private mutating func address(of target: CheckedMap, named name: String, at place: Place) -> ServerAddress {
        if target["database"] == nil, target["service"] == nil {
            problems.report(
                "missing-key",
                "target '\(name)' has no 'database'",
                hint: "name the database on its server",
                at: place
            )
        }
        let tls = target["tls"]?.map
        let isLocal = target["service"] == nil && ServerAddress.isLocal(target["host"]?.text)
        let mode = tls?["mode"]?.text.flatMap(ServerAddress.Protection.init(rawValue:))
        if mode == .off, !isLocal {
            problems.report(
                "unprotected-credentials",
                "target '\(name)' is on another machine and would be reached without encryption",
                hint: "take 'mode: off' out; 'verify-full' is used then",
                at: tls?["mode"]?.place
            )
        }
        return ServerAddress(
            host: target["host"]?.text,
            port: target["port"]?.whole.map(Int.init),
            database: target["database"]?.text ?? "",
            user: target["user"]?.text,
            password: password(in: target),
            service: target["service"]?.text,
            protection: mode ?? (isLocal ? .off : .verifyName),
            certificates: ServerAddress.Certificates(
                authority: tls?["authority"]?.text,
                client: tls?["certificate"]?.text,
                key: tls?["key"]?.text
            ),
            connectTimeout: target["connect-timeout"]?.duration ?? .seconds(5),
            lockTimeout: target["lock-timeout"]?.duration ?? .seconds(5)
        )
    }

    private mutating func password(in target: CheckedMap) -> SecretReference? {
        guard let value = target["password"], let text = value.text else { return nil }
        do throws(Diagnostic) {
            return try SecretReference(text, key: "password")
        } catch {
            problems.report(error.rule, error.message, hint: error.hint, at: value.place)
            return nil
        }
    }
}

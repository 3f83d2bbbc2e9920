import PhasegateCore

extension RolloutGrammar {
    /// Keys of a target on a server; the others of a target may stand beside any engine.
    static let serverKeys = [
        "host", "port", "database", "user", "password", "service", "tls", "connect-timeout", "lock-timeout",
    ]

    /// A database.
    static let target = Shape.map([
        Shape.Key(
            "engine",
            .oneOf(fileEngines + serverEngines),
            required: true,
            "Which engine runs the database."
        ),
        Shape.Key("path", .text, "The database file of a file engine, relative to the rollout file."),
        Shape.Key(
            "host",
            .text,
            "Machine of the server, or an absolute path: its socket. The local socket by default."
        ),
        Shape.Key("port", .whole(1...65_535), "Port of the server; the engine's own by default."),
        Shape.Key("database", .text, "The database on that server."),
        Shape.Key("user", .text, "Who connects; the user of the process by default."),
        Shape.Key("password", .text, "Where the password is: 'env:NAME' or 'file:PATH'."),
        Shape.Key("service", .text, "A service of PostgreSQL's pg_service.conf, for what is not said here."),
        Shape.Key(
            "tls",
            .map([
                Shape.Key(
                    "mode",
                    .oneOf(ServerAddress.Protection.allCases.map(\.rawValue)),
                    "How far the server is verified; 'off' on this machine and 'verify-full' elsewhere by default."
                ),
                Shape.Key("authority", .text, "Certificate file of the authority, relative to the rollout file."),
                Shape.Key("certificate", .text, "Certificate file of the client."),
                Shape.Key("key", .text, "File of the key to it."),
            ]),
            "How the connection is protected."
        ),
        Shape.Key("connect-timeout", .duration, "How long connecting may take; 5 s by default."),
        Shape.Key("lock-timeout", .duration, "How long a statement waits for somebody else's lock; 5 s by default."),
        Shape.Key(
            "fingerprint",
            .map([
                Shape.Key(
                    "application-id",
                    .whole(Int64(Int32.min)...Int64(Int32.max)),
                    "The application_id that a SQLite database must have."
                ),
                Shape.Key("system", .text, "What the server must call itself: PostgreSQL's system identifier."),
                Shape.Key("database", .text, "The name the database must have on its server."),
                Shape.Key("tables", .list(.text, orOne: true), "Tables that must be there."),
            ]),
            "What must be true of the database for it to be the planned one."
        ),
        connections,
        Shape.Key("writable", .truth, "Whether a step may write to it; true unless said otherwise."),
        sources,
    ])

    /// How many connections there are, and what happens when they cannot be had.
    private static let connections = Shape.Key(
        "connections",
        .map([
            Shape.Key("min", .whole(0...256), "Connections kept although nobody uses them; 0 by default."),
            Shape.Key("max", .whole(1...10_000), "Connections at most; 300 by default."),
            Shape.Key("wait", .duration, "How long to wait for one when all are in use; 30 s by default."),
            Shape.Key("idle", .duration, "After how long an unused one is closed; 5 min by default."),
            Shape.Key("lifetime", .duration, "After how long any is replaced; 1 h by default."),
            Shape.Key("check", .duration, "After how long a rest one is tried before its use; 30 s by default."),
            Shape.Key(
                "retry",
                .map([
                    Shape.Key("attempts", .whole(1...100), "How often connecting is tried; 3 by default."),
                    Shape.Key("first", .duration, "The first pause, then doubled; 200 ms by default."),
                    Shape.Key("longest", .duration, "The longest pause; 10 s by default."),
                ]),
                "What happens when connecting fails."
            ),
            Shape.Key(
                "breaker",
                .map([
                    Shape.Key("failures", .whole(1...1000), "After how many failures in a row it opens; 5 by default."),
                    Shape.Key("rest", .duration, "How long it stays open; 30 s by default."),
                    Shape.Key("successes", .whole(1...1000), "After how many successes it closes; 3 by default."),
                ]),
                "When connecting is not even tried."
            ),
        ]),
        "How many connections there are, and what happens when they cannot be had."
    )
}

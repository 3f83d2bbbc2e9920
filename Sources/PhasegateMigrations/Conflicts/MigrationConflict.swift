import PhasegateCore
import PhasegateProbes

/// Two migrations of a queue that get in each other's way, although each may apply by itself.
struct MigrationConflict: Hashable, CustomStringConvertible {
    /// The ways in which they do.
    enum Kind: String, Hashable, CaseIterable {
        /// A file needs what only a later one creates.
        case order
        /// Two files create the same thing, so that one of them does nothing or fails.
        case duplicateTarget = "duplicate-target"
        /// A file drops what another one refers to.
        case dropAgainstReference = "drop-against-reference"
        /// Two files add columns to one table whose names say nearly the same.
        case closeNames = "close-names"
    }

    let kind: Kind
    /// What it is about, as `table temp_data`.
    let object: String
    /// The file with the lower number.
    let first: String
    /// The other one.
    let second: String

    var description: String { "\(kind.rawValue): \(object), \(first) and \(second)" }
}

/// Finds the conflicts in a queue of migrations.
struct MigrationConflicts {
    /// One effect with the file it is in.
    private struct Entry {
        let file: Int
        let effect: SchemaEffect
    }

    private let files: [MigrationFile]
    private let entries: [Entry]
    private let base: Set<SchemaObject>
    /// Tables whose columns are known from the start.
    private let baseTables: Set<String>

    /// - Parameters:
    ///   - files: the queue, in its order.
    ///   - schema: what is there before the first of them.
    init(_ files: [MigrationFile], on schema: DatabaseSchema) {
        self.files = files
        var entries: [Entry] = []
        for (index, file) in files.enumerated() {
            for statement in SQLScript(file.sql, file.dialect).statements {
                entries += SchemaEffects.of(statement).map { Entry(file: index, effect: $0) }
            }
        }
        self.entries = entries
        var base: Set<SchemaObject> = []
        for table in schema.tables {
            let name = table.name.lowercased()
            base.insert(.table(name))
            base.formUnion(table.columns.map { .column(name, $0.name.lowercased()) })
            base.formUnion(table.indexes.map { .index($0.name.lowercased()) })
        }
        self.base = base
        baseTables = Set(schema.tables.map { $0.name.lowercased() })
    }

    /// All of them: by kind, then in the order of the queue; each pair of files once for each thing.
    func found() -> [MigrationConflict] {
        let all = outOfOrder() + duplicates() + droppedReferences() + closeNames()
        var seen: Set<MigrationConflict> = []
        return all.filter { seen.insert($0).inserted }
    }

    private func conflict(_ kind: MigrationConflict.Kind, _ object: String, _ one: Int, _ other: Int)
        -> MigrationConflict
    {
        MigrationConflict(
            kind: kind,
            object: object,
            first: files[min(one, other)].name,
            second: files[max(one, other)].name
        )
    }

    private func creations(of object: SchemaObject) -> [Int] {
        entries.indices.filter { if case .creates(object, _) = entries[$0].effect { true } else { false } }
    }

    private func outOfOrder() -> [MigrationConflict] {
        var found: [MigrationConflict] = []
        for (place, entry) in entries.enumerated() {
            guard case .needs(let object) = entry.effect, !base.contains(object) else { continue }
            // Columns of a table that comes too late are not told of one by one.
            if let table = object.table, !baseTables.contains(table),
                !creations(of: .table(table)).contains(where: { $0 < place })
            {
                continue
            }
            let creations = creations(of: object)
            guard !creations.contains(where: { $0 < place }), let later = creations.first,
                entries[later].file != entry.file
            else { continue }
            found.append(conflict(.order, "\(object)", entry.file, entries[later].file))
        }
        return found
    }

    private func duplicates() -> [MigrationConflict] {
        var found: [MigrationConflict] = []
        var last: [SchemaObject: Int] = [:]
        for entry in entries {
            switch entry.effect {
            case .creates(let object, _):
                if let earlier = last[object], earlier != entry.file {
                    // Columns of a table that is made twice come with it.
                    let isPartOfTable =
                        object.table.map { table in
                            last[.table(table)] == entry.file && creations(of: .table(table)).count > 1
                        } ?? false
                    if !isPartOfTable { found.append(conflict(.duplicateTarget, "\(object)", earlier, entry.file)) }
                }
                last[object] = entry.file
            case .drops(let object):
                last[object] = nil
                if object.kind == .table { last = last.filter { $0.key.table != object.name } }
            case .needs, .refers: continue
            }
        }
        return found
    }

    private func droppedReferences() -> [MigrationConflict] {
        var found: [MigrationConflict] = []
        for (place, entry) in entries.enumerated() {
            guard case .drops(let object) = entry.effect else { continue }
            for (other, reference) in entries.enumerated() where reference.file != entry.file {
                // What is created anew in between is another thing of the same name.
                let between = other < place ? other...place : place...other
                let isMadeAnew = between.contains { index in
                    guard case .creates(object, _) = entries[index].effect else { return false }
                    return true
                }
                guard !isMadeAnew else { continue }
                switch reference.effect {
                case .needs(object) where other > place,
                    .refers(_, to: object.name) where object.kind == .table:
                    found.append(conflict(.dropAgainstReference, "\(object)", entry.file, reference.file))
                case .needs(let column) where other > place && object.kind == .table && column.table == object.name:
                    found.append(conflict(.dropAgainstReference, "\(object)", entry.file, reference.file))
                default: continue
                }
            }
        }
        return found
    }

    private func closeNames() -> [MigrationConflict] {
        var added: [(file: Int, column: SchemaObject, type: String)] = []
        var found: [MigrationConflict] = []
        for entry in entries {
            guard case .creates(let column, let type) = entry.effect, column.kind == .column, let table = column.table,
                // Columns of one's own new table were thought of together.
                baseTables.contains(table)
                    || !creations(of: .table(table)).contains(where: { entries[$0].file == entry.file })
            else { continue }
            for earlier in added
            where earlier.file != entry.file && earlier.column.table == table && earlier.column != column
                && Self.areClose(earlier.column.ownName, column.ownName, earlier.type == (type ?? ""))
            {
                found.append(
                    conflict(
                        .closeNames,
                        "columns \(earlier.column.ownName) and \(column.ownName) of \(table)",
                        earlier.file,
                        entry.file
                    )
                )
            }
            added.append((entry.file, column, type ?? ""))
        }
        return found
    }

    /// Names of the same type that begin with the same word, as `user_preferences` and `user_settings`, or whose other
    /// words differ by two letters at most.
    private static func areClose(_ one: String, _ other: String, _ haveSameType: Bool) -> Bool {
        let words = [one, other].map { $0.split(separator: "_").map(String.init) }
        let common = zip(words[0], words[1]).prefix { $0 == $1 }.count
        if haveSameType, common > 0, words[0][0].count > 2, words.allSatisfy({ $0.count > 1 }) { return true }
        let rests = words.map { $0.dropFirst(common).joined(separator: "_") }
        return rests.allSatisfy { $0.count > 4 } && editDistance(rests[0], rests[1]) <= 2
    }
}

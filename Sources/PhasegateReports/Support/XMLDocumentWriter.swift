import CLibXML2
import PhasegateCore

/// An XML document could not be written.
struct XMLWriteError: Error, CustomStringConvertible {
    let what: String
    var description: String { "cannot write XML: \(what)" }
}

/// Writes one XML document piece by piece through libxml2, which does all the escaping.
///
/// Use it as `try XMLDocumentWriter.write(to: sink) { try $0.element("a") { … } }`.
/// Never holds more than some 100 KB of the document. Calls block for the time
/// of a copy and for as long as the sink takes.
final class XMLDocumentWriter {
    private let output: Output
    private let writer: xmlTextWriterPtr

    /// Writes a document; the closure writes its root element.
    ///
    /// - Throws: what the sink or the closure throws; `XMLWriteError` when libxml2 gives up. The sink has then seen a
    ///   part of the document.
    static func write(to sink: ReportFile.Sink, _ content: (XMLDocumentWriter) throws -> Void) throws {
        try withoutActuallyEscaping(sink) { sink in
            let document = try XMLDocumentWriter(Output(sink))
            try content(document)
            try document.finish()
        }
    }

    private init(_ output: Output) throws {
        // Makes libxml2's globals before two threads can race to do it.
        xmlInitParser()
        let buffer = xmlOutputBufferCreateIO(
            { context, bytes, count in
                guard let context, let bytes, count > 0 else { return 0 }
                let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
                return output.take(UnsafeRawBufferPointer(start: bytes, count: Int(count))) ? count : -1
            },
            nil,
            Unmanaged.passUnretained(output).toOpaque(),
            nil
        )
        guard let buffer else { throw XMLWriteError(what: "no memory for the document") }
        guard let writer = xmlNewTextWriter(buffer) else {
            xmlOutputBufferClose(buffer)
            throw XMLWriteError(what: "no memory for the writer")
        }
        self.output = output
        self.writer = writer
        try check(xmlTextWriterSetIndent(writer, 1), "indent")
        try check(xmlTextWriterSetIndentString(writer, "  "), "indent")
        try check(xmlTextWriterStartDocument(writer, "1.0", "UTF-8", nil), "declaration")
    }

    deinit {
        // Freeing hands over what is left; after an error nobody wants that.
        output.close()
        xmlFreeTextWriter(writer)
    }

    /// Writes an element; the closure writes its attributes first, then its content.
    func element(_ name: StaticString, _ content: () throws -> Void = {}) throws {
        try open(name)
        try content()
        try close()
    }

    /// Opens an element; its attributes come next, then its content.
    func open(_ name: StaticString) throws {
        try check(xmlTextWriterStartElement(writer, name.utf8Start), "element \(name)")
    }

    /// Closes the element that was opened last.
    func close() throws { try check(xmlTextWriterEndElement(writer), "end of an element") }

    /// Writes an attribute of the element that was just opened.
    func attribute(_ name: StaticString, _ value: String) throws {
        try check(xmlTextWriterWriteAttribute(writer, name.utf8Start, value), "attribute \(name)")
    }

    /// Writes an attribute with words of our own.
    func attribute(_ name: StaticString, _ value: StaticString) throws {
        try check(xmlTextWriterWriteAttribute(writer, name.utf8Start, value.utf8Start), "attribute \(name)")
    }

    /// Writes an attribute whose value was put together in a buffer.
    func attribute(_ name: StaticString, _ value: inout TextBuffer) throws {
        try value.withCString { value in
            try check(xmlTextWriterWriteAttribute(writer, name.utf8Start, value), "attribute \(name)")
        }
    }

    /// Writes an attribute that is a number.
    func attribute(_ name: StaticString, _ value: Int) throws { try attribute(name, String(value)) }

    /// Writes text into the open element.
    func text(_ text: inout TextBuffer) throws {
        try text.withCString { try check(xmlTextWriterWriteString(writer, $0), "text") }
    }

    private func finish() throws {
        try check(xmlTextWriterEndDocument(writer), "end")
        try check(xmlTextWriterFlush(writer), "flush")
        try output.flush()
    }

    private func check(_ result: Int32, _ what: @autoclosure () -> String) throws {
        guard result < 0 else { return }
        throw output.failure ?? XMLWriteError(what: what())
    }
}

/// Gathers libxml2's pieces of some kilobytes into larger ones and remembers what the sink threw.
private final class Output {
    private let sink: ReportFile.Sink
    private var gathered: [UInt8] = []
    private var isClosed = false
    private(set) var failure: (any Error)?

    private static let size = 65_536

    init(_ sink: @escaping ReportFile.Sink) {
        self.sink = sink
        gathered.reserveCapacity(2 * Self.size)
    }

    /// Takes bytes; says whether all is well so far.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !isClosed, failure == nil else { return false }
        gathered.append(contentsOf: bytes)
        guard gathered.count >= Self.size else { return true }
        do { try flush() } catch { return false }
        return true
    }

    func flush() throws {
        if let failure { throw failure }
        do { try gathered.withUnsafeBytes(sink) } catch {
            failure = error
            throw error
        }
        gathered.removeAll(keepingCapacity: true)
    }

    func close() { isClosed = true }
}

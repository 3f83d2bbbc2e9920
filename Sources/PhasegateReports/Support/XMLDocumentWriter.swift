import CLibXML2

/// An XML document could not be written.
struct XMLWriteError: Error, CustomStringConvertible {
    let what: String
    var description: String { "cannot write XML: \(what)" }
}

/// Writes one XML document into memory through libxml2, which does all the escaping.
///
/// Use it as `try XMLDocumentWriter.document { try $0.element("a") { … } }`.
/// Calls block, but only for the time of a copy.
final class XMLDocumentWriter {
    private let buffer: xmlBufferPtr
    private let writer: xmlTextWriterPtr

    /// Writes a document; the closure writes its root element.
    static func document(_ content: (XMLDocumentWriter) throws -> Void) throws -> [UInt8] {
        let document = try XMLDocumentWriter()
        try content(document)
        return try document.finished()
    }

    private init() throws {
        // Makes libxml2's globals before two threads can race to do it.
        xmlInitParser()
        guard let buffer = xmlBufferCreate() else { throw XMLWriteError(what: "no memory for the document") }
        guard let writer = xmlNewTextWriterMemory(buffer, 0) else {
            xmlBufferFree(buffer)
            throw XMLWriteError(what: "no memory for the writer")
        }
        self.buffer = buffer
        self.writer = writer
        try check(xmlTextWriterSetIndent(writer, 1), "indent")
        try check(xmlTextWriterSetIndentString(writer, "  "), "indent")
        try check(xmlTextWriterStartDocument(writer, "1.0", "UTF-8", nil), "declaration")
    }

    deinit {
        xmlFreeTextWriter(writer)
        xmlBufferFree(buffer)
    }

    /// Writes an element with attributes in the given order, and its content.
    func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        content: () throws -> Void = {}
    ) throws {
        try check(xmlTextWriterStartElement(writer, name), name)
        for (key, value) in attributes {
            try check(xmlTextWriterWriteAttribute(writer, key, value), key)
        }
        try content()
        try check(xmlTextWriterEndElement(writer), name)
    }

    /// Writes text into the open element; an empty text writes nothing.
    func text(_ text: String) throws {
        guard !text.isEmpty else { return }
        try check(xmlTextWriterWriteString(writer, text), "text")
    }

    private func finished() throws -> [UInt8] {
        try check(xmlTextWriterEndDocument(writer), "end")
        try check(xmlTextWriterFlush(writer), "flush")
        guard let content = xmlBufferContent(buffer) else { throw XMLWriteError(what: "the document is empty") }
        return [UInt8](UnsafeBufferPointer(start: content, count: Int(xmlBufferLength(buffer))))
    }

    private func check(_ result: Int32, _ what: String) throws {
        guard result >= 0 else { throw XMLWriteError(what: what) }
    }
}

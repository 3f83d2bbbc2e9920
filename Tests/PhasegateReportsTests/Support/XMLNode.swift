import CLibXML2

/// An element of a parsed document.
struct XMLNode {
    let name: String
    let attributes: [String: String]
    let children: [XMLNode]
    let text: String

    /// All elements below with a name.
    func all(_ name: String) -> [XMLNode] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.all(name) }
    }
}

/// Why a document was refused.
struct XMLProblem: Error, CustomStringConvertible {
    let description: String
}

extension XMLNode {
    /// Parses a document; anything that is not well-formed is an error.
    init(parsing bytes: [UInt8]) throws {
        let document = try Self.document(bytes)
        defer { xmlFreeDoc(document) }
        guard let root = xmlDocGetRootElement(document) else { throw XMLProblem(description: "no root element") }
        self.init(root)
    }

    /// Validates a document against a schema file.
    static func validate(_ bytes: [UInt8], against schemaPath: String) throws {
        xmlInitParser()
        guard let parser = xmlSchemaNewParserCtxt(schemaPath) else { throw XMLProblem(description: "no memory") }
        defer { xmlSchemaFreeParserCtxt(parser) }
        guard let schema = xmlSchemaParse(parser) else { throw XMLProblem(description: "'\(schemaPath)' is no schema") }
        defer { xmlSchemaFree(schema) }
        guard let context = xmlSchemaNewValidCtxt(schema) else { throw XMLProblem(description: "no memory") }
        defer { xmlSchemaFreeValidCtxt(context) }
        // The last error is asked for below; nothing is printed.
        xmlSchemaSetValidStructuredErrors(context, { _, _ in }, nil)
        let document = try document(bytes)
        defer { xmlFreeDoc(document) }
        let result = xmlSchemaValidateDoc(context, document)
        guard result == 0 else {
            let message = xmlGetLastError()?.pointee.message.map { String(cString: $0) } ?? "error \(result)"
            throw XMLProblem(description: message)
        }
    }

    private static func document(_ bytes: [UInt8]) throws -> xmlDocPtr {
        xmlInitParser()
        let document = bytes.withUnsafeBytes { buffer in
            xmlReadMemory(
                buffer.bindMemory(to: CChar.self).baseAddress,
                Int32(buffer.count),
                nil,
                "UTF-8",
                Int32(XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue)
            )
        }
        guard let document else {
            throw XMLProblem(
                description: xmlGetLastError()?.pointee.message.map { String(cString: $0) } ?? "not well-formed"
            )
        }
        return document
    }

    private init(_ node: xmlNodePtr) {
        name = String(cString: node.pointee.name)
        var attributes: [String: String] = [:]
        var attribute = node.pointee.properties
        while let current = attribute {
            attributes[String(cString: current.pointee.name)] = Self.text(in: current.pointee.children)
            attribute = current.pointee.next
        }
        self.attributes = attributes
        var children: [XMLNode] = []
        var child = node.pointee.children
        while let current = child {
            if current.pointee.type == XML_ELEMENT_NODE { children.append(XMLNode(current)) }
            child = current.pointee.next
        }
        self.children = children
        text = Self.text(in: node.pointee.children)
    }

    private static func text(in first: xmlNodePtr?) -> String {
        var text = ""
        var node = first
        while let current = node {
            if current.pointee.type == XML_TEXT_NODE, let content = current.pointee.content {
                text += String(cString: content)
            }
            node = current.pointee.next
        }
        return text
    }
}

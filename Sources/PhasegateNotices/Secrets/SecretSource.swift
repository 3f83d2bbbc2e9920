public import PhasegateCore
import PhasegateSecrets

/// Reads secrets when they are needed, so that a changed one is used without a restart.
public struct SecretSource: Sendable {
    /// Whether it gives placeholders instead of secrets.
    public let isMasked: Bool
    private let lookUp: @Sendable (SecretReference) throws(DeliveryFailure) -> String

    /// Makes a source.
    ///
    /// - Parameter lookUp: the text behind a reference.
    public init(_ lookUp: @escaping @Sendable (SecretReference) throws(DeliveryFailure) -> String) {
        self.lookUp = lookUp
        isMasked = false
    }

    private init() {
        lookUp = { reference throws(DeliveryFailure) in "<\(reference)>" }
        isMasked = true
    }

    /// Environment and files of this process.
    public static let world = SecretSource { reference throws(DeliveryFailure) in
        do throws(SecretError) {
            return try secretText(reference)
        } catch {
            throw DeliveryFailure(error)
        }
    }

    /// Shows each reference instead of the secret; for previews.
    static let masked = SecretSource()

    /// The secret behind a reference: one line of printable ASCII.
    ///
    /// What is missing today may be there tomorrow, in another shell or after
    /// a rotation, so a missing secret is tried again.
    ///
    /// - Parameter reference: where it is.
    /// - Returns: the secret as it is at this moment.
    /// - Throws: `DeliveryFailure`, with the reference and never the secret in its message.
    public func secret(_ reference: SecretReference) throws(DeliveryFailure) -> String {
        let text = try lookUp(reference)
        do throws(SecretError) {
            try checkSecret(text, of: reference)
        } catch {
            throw DeliveryFailure(error)
        }
        return text
    }
}

extension DeliveryFailure {
    /// What is missing today may be there tomorrow; what is no secret at all stays none.
    fileprivate init(_ error: SecretError) {
        self.init(error.message, remedy: error.isPassing ? .retry(after: nil) : .giveUp)
    }
}

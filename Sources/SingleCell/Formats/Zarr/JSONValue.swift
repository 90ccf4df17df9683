/// A value of a JSON document (RFC 8259), with the numbers `NaN`, `Infinity` and `-Infinity` that Python writes.
enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int64)
    case number(Double)
    case string(String)
    case list([JSONValue])
    /// Of a name given twice the last value counts, as in Python.
    case object([String: JSONValue])

    /// The value of that name; nil where this is no object or has none.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var list: [JSONValue]? {
        guard case .list(let values) = self else { return nil }
        return values
    }

    /// A whole number that memory can count.
    var count: Int? {
        guard case .integer(let number) = self, number >= 0 else { return nil }
        return Int(exactly: number)
    }

    /// A list of such numbers.
    var counts: [Int]? {
        guard let list else { return nil }
        let counts = list.compactMap(\.count)
        return counts.count == list.count ? counts : nil
    }
}

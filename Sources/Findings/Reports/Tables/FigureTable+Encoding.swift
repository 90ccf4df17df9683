extension FigureTable.Value {
    /// As one field of a separated table; empty where it is missing.
    public var text: String {
        switch self {
        case .text(let text): text
        case .number(let value): "\(value)"
        case .count(let count): "\(count)"
        case .flag(let flag): "\(flag)"
        case .missing: ""
        }
    }
}

/// `{"name", "title", "columns", "rows": [{column: value}]}`; missing values are null.
extension FigureTable: Encodable {
    private enum Key: String, CodingKey { case name, title, columns, rows }

    private struct ColumnKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var whole = encoder.container(keyedBy: Key.self)
        try whole.encode(name, forKey: .name)
        try whole.encode(title, forKey: .title)
        try whole.encode(columns, forKey: .columns)
        var list = whole.nestedUnkeyedContainer(forKey: .rows)
        for row in rows {
            var record = list.nestedContainer(keyedBy: ColumnKey.self)
            for (column, value) in zip(columns, row) {
                let key = ColumnKey(stringValue: column)
                switch value {
                case .text(let text): try record.encode(text, forKey: key)
                case .number(let number): try record.encode(number, forKey: key)
                case .count(let count): try record.encode(count, forKey: key)
                case .flag(let flag): try record.encode(flag, forKey: key)
                case .missing: try record.encodeNil(forKey: key)
                }
            }
        }
    }
}

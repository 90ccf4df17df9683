extension [String] {
    /// The names with -1, -2 … added to those that repeat earlier ones or are `taken`; numbers that would make another
    /// name of the list are skipped, as anndata's `make_index_unique` does.
    public func numberingRepeated(besides taken: Set<String> = []) -> [String] {
        var used = taken.union(self)
        guard used.count < taken.count + count else { return self }
        // The last number tried for each name: a name may be that of all genes.
        var numbers = Dictionary(taken.map { ($0, 0) }) { first, _ in first }
        return map { name in
            guard var number = numbers[name] else {
                numbers[name] = 0
                return name
            }
            repeat { number += 1 } while !used.insert("\(name)-\(number)").inserted
            numbers[name] = number
            return "\(name)-\(number)"
        }
    }
}

extension Array {
    /// The first place whose element meets a condition, found by halving; its end where none does.
    ///
    /// - Parameter isMet: the condition; once an element meets it, all behind it do.
    /// - Returns: the place.
    func firstIndexBySearch(where isMet: (Element) -> Bool) -> Int {
        var range = indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = isMet(self[middle]) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}

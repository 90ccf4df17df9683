import CKernels

extension kernel_product {
    /// C = A B + beta C on row-major matrices of rows × columns values with the given row lengths in memory, to which a
    /// bias, an activation and a residual may be added.
    init(
        _ a: UnsafePointer<Float>, _ strideA: Int, transposed transposeA: Bool, _ b: UnsafePointer<Float>,
        _ strideB: Int, transposed transposeB: Bool, rows: Int, columns: Int, inner: Int, beta: Float,
        into c: UnsafeMutablePointer<Float>, _ strideC: Int
    ) {
        self.init()
        self.a = a
        self.b = b
        self.c = c
        self.rows = rows
        self.columns = columns
        self.inner = inner
        self.beta = beta
        stride_a = strideA
        stride_b = strideB
        stride_c = strideC
        transposed_a = transposeA
        transposed_b = transposeB
    }

    /// The part of the product that gives some rows and columns of C; columns only where B is not packed.
    func part(rows: Range<Int>, columns: Range<Int>) -> kernel_product {
        var part = self
        part.rows = rows.count
        part.columns = columns.count
        part.a = a + rows.lowerBound * (transposed_a ? 1 : stride_a)
        part.b = b + columns.lowerBound * (transposed_b ? stride_b : 1)
        part.c = c + rows.lowerBound * stride_c + columns.lowerBound
        if !transposed_a {
            part.mean = mean.map { $0 + rows.lowerBound }
            part.rstd = rstd.map { $0 + rows.lowerBound }
        }
        part.bias = bias.map { $0 + columns.lowerBound }
        part.argument = argument.map { $0 + rows.lowerBound * stride_c + columns.lowerBound }
        part.residual = residual.map { $0 + rows.lowerBound * stride_residual + columns.lowerBound }
        return part
    }
}

/// Rows, and their number, of the chunks into which work on many rows is cut: whole blocks of the product's kernels, few
/// enough that a chunk stays in a core's cache.
struct RowChunks {
    static let height = 224
    let rows: Int

    var count: Int { (rows + Self.height - 1) / Self.height }
    subscript(chunk: Int) -> Range<Int> { chunk * Self.height..<min((chunk + 1) * Self.height, rows) }
}

/// A product whose right factor lies in panels already, for many chunks of rows.
struct PackedProduct {
    private let product: kernel_product
    private let panels: Storage

    /// Packs B, shared among the tape's workers.
    init(_ product: kernel_product, tape: Tape) {
        panels = tape.arena.storage(kernel_packed_count(product.inner, product.columns))
        // An array, because the kernels take a product by its address.
        let (target, source) = (panels.pointer, [product])
        let count = kernel_panel_count(source)
        let share = 4
        tape.concurrently(chunks: (count + share - 1) / share) { chunk, _ in
            kernel_pack_matrix(source, target, chunk * share, min(count, (chunk + 1) * share))
        }
        var packed = product
        packed.packed = UnsafePointer(target)
        self.product = packed
    }

    /// Carries out the part that gives some rows of C; `change` may lead it elsewhere.
    func multiply(rows: Range<Int>, change: (inout kernel_product) -> Void = { _ in }) {
        var part = product.part(rows: rows, columns: 0..<product.columns)
        change(&part)
        kernel_multiply_matrices(&part)
    }
}

extension Tape {
    /// Carries out a product of matrices, shared among the workers by parts of C.
    func multiply(_ product: kernel_product) {
        if product.rows >= 2 * RowChunks.height, product.inner <= 2048 {
            let packed = PackedProduct(product, tape: self)
            let chunks = RowChunks(rows: product.rows)
            concurrently(chunks: chunks.count) { chunk, _ in packed.multiply(rows: chunks[chunk]) }
        } else if workers == 1 || product.rows * product.columns * product.inner < 1 << 20 {
            var product = product
            kernel_multiply_matrices(&product)
        } else {
            let (height, width) = (128, product.columns > 256 ? 128 : 64)
            let (down, across) = ((product.rows + height - 1) / height, (product.columns + width - 1) / width)
            concurrently(chunks: down * across) { chunk, _ in
                let (row, column) = (chunk / across * height, chunk % across * width)
                var part = product.part(
                    rows: row..<min(row + height, product.rows),
                    columns: column..<min(column + width, product.columns))
                kernel_multiply_matrices(&part)
            }
        }
    }
}

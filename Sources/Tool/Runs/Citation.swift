/// What to cite for a method in use.
public struct Citation: Sendable, Equatable {
    public let key: String
    public let bibtex: String

    public static let all = [avici, gim, dagma, morgan, sachs]

    public static let avici = Citation(
        key: "lorch2022avici",
        bibtex: """
            @inproceedings{lorch2022avici,
              title     = {Amortized Inference for Causal Structure Learning},
              author    = {Lorch, Lars and Sussex, Scott and Rothfuss, Jonas and Krause, Andreas and Sch{\\"o}lkopf, Bernhard},
              booktitle = {Advances in Neural Information Processing Systems},
              volume    = {35},
              year      = {2022},
              eprint    = {2205.12934}
            }
            """)
    public static let gim = Citation(
        key: "schneider2025gim",
        bibtex: """
            @inproceedings{schneider2025gim,
              title     = {Generative Intervention Models for Causal Perturbation Modeling},
              author    = {Schneider, Nora and Lorch, Lars and Kilbertus, Niki and Sch{\\"o}lkopf, Bernhard and Krause, Andreas},
              booktitle = {International Conference on Machine Learning},
              year      = {2025},
              eprint    = {2411.14003}
            }
            """)
    public static let dagma = Citation(
        key: "bello2022dagma",
        bibtex: """
            @inproceedings{bello2022dagma,
              title     = {{DAGMA}: Learning {DAGs} via {M}-matrices and a Log-Determinant Acyclicity Characterization},
              author    = {Bello, Kevin and Aragam, Bryon and Ravikumar, Pradeep},
              booktitle = {Advances in Neural Information Processing Systems},
              volume    = {35},
              year      = {2022}
            }
            """)
    public static let morgan = Citation(
        key: "rogers2010ecfp",
        bibtex: """
            @article{rogers2010ecfp,
              title   = {Extended-Connectivity Fingerprints},
              author  = {Rogers, David and Hahn, Mathew},
              journal = {Journal of Chemical Information and Modeling},
              volume  = {50},
              pages   = {742--754},
              year    = {2010},
              doi     = {10.1021/ci100050t}
            }
            """)
    public static let sachs = Citation(
        key: "sachs2005",
        bibtex: """
            @article{sachs2005,
              title   = {Causal Protein-Signaling Networks Derived from Multiparameter Single-Cell Data},
              author  = {Sachs, Karen and Perez, Omar and Pe'er, Dana and Lauffenburger, Douglas A. and Nolan, Garry P.},
              journal = {Science},
              volume  = {308},
              pages   = {523--529},
              year    = {2005},
              doi     = {10.1126/science.1105809}
            }
            """)
}

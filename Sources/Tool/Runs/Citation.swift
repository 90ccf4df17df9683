/// What to cite for a method in use.
public struct Citation: Sendable, Equatable {
    /// The work in one line, as a list of references gives it.
    public let text: String
    public let bibtex: String

    public static let all = [
        avici, gim, dagma, scanpy, seurat, seuratV3, morgan, benjaminiHochberg, hill, surrogates, sachs,
    ]

    public static let avici = Citation(
        text:
            "Lorch, Sussex, Rothfuss, Krause, Schölkopf (2022). Amortized Inference for Causal Structure Learning. NeurIPS 35.",
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
        text:
            "Schneider, Lorch, Kilbertus, Schölkopf, Krause (2025). Generative Intervention Models for Causal Perturbation Modeling. ICML.",
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
        text:
            "Bello, Aragam, Ravikumar (2022). DAGMA: Learning DAGs via M-matrices and a Log-Determinant Acyclicity Characterization. NeurIPS 35.",
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
        text: "Rogers, Hahn (2010). Extended-Connectivity Fingerprints. J. Chem. Inf. Model. 50:742–754.",
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
    public static let scanpy = Citation(
        text:
            "Wolf, Angerer, Theis (2018). SCANPY: Large-Scale Single-Cell Gene Expression Data Analysis. Genome Biol. 19:15.",
        bibtex: """
            @article{wolf2018scanpy,
              title   = {{SCANPY}: Large-Scale Single-Cell Gene Expression Data Analysis},
              author  = {Wolf, F. Alexander and Angerer, Philipp and Theis, Fabian J.},
              journal = {Genome Biology},
              volume  = {19},
              pages   = {15},
              year    = {2018},
              doi     = {10.1186/s13059-017-1382-0}
            }
            """)
    public static let seurat = Citation(
        text:
            "Satija, Farrell, Gennert, Schier, Regev (2015). Spatial Reconstruction of Single-Cell Gene Expression Data. Nat. Biotechnol. 33:495–502.",
        bibtex: """
            @article{satija2015seurat,
              title   = {Spatial Reconstruction of Single-Cell Gene Expression Data},
              author  = {Satija, Rahul and Farrell, Jeffrey A. and Gennert, David and Schier, Alexander F. and Regev, Aviv},
              journal = {Nature Biotechnology},
              volume  = {33},
              pages   = {495--502},
              year    = {2015},
              doi     = {10.1038/nbt.3192}
            }
            """)
    public static let seuratV3 = Citation(
        text:
            "Stuart, Butler, Hoffman et al. (2019). Comprehensive Integration of Single-Cell Data. Cell 177:1888–1902.",
        bibtex: """
            @article{stuart2019integration,
              title   = {Comprehensive Integration of Single-Cell Data},
              author  = {Stuart, Tim and Butler, Andrew and Hoffman, Paul and Hafemeister, Christoph and others},
              journal = {Cell},
              volume  = {177},
              pages   = {1888--1902},
              year    = {2019},
              doi     = {10.1016/j.cell.2019.05.031}
            }
            """)
    public static let benjaminiHochberg = Citation(
        text:
            "Benjamini, Hochberg (1995). Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing. J. R. Stat. Soc. B 57:289–300.",
        bibtex: """
            @article{benjamini1995fdr,
              title   = {Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing},
              author  = {Benjamini, Yoav and Hochberg, Yosef},
              journal = {Journal of the Royal Statistical Society: Series B},
              volume  = {57},
              pages   = {289--300},
              year    = {1995},
              doi     = {10.1111/j.2517-6161.1995.tb02031.x}
            }
            """)
    public static let hill = Citation(
        text:
            "Hill (1910). The Possible Effects of the Aggregation of the Molecules of Haemoglobin on Its Dissociation Curves. J. Physiol. 40 (Suppl.):iv–vii.",
        bibtex: """
            @article{hill1910,
              title   = {The Possible Effects of the Aggregation of the Molecules of Haemoglobin on Its Dissociation Curves},
              author  = {Hill, Archibald V.},
              journal = {The Journal of Physiology},
              volume  = {40},
              number  = {Suppl.},
              pages   = {iv--vii},
              year    = {1910}
            }
            """)
    public static let surrogates = Citation(
        text:
            "Lee, Correa, Bareinboim (2019). General Identifiability with Arbitrary Surrogate Experiments. UAI 35.",
        bibtex: """
            @inproceedings{lee2019surrogates,
              title     = {General Identifiability with Arbitrary Surrogate Experiments},
              author    = {Lee, Sanghack and Correa, Juan D. and Bareinboim, Elias},
              booktitle = {Conference on Uncertainty in Artificial Intelligence},
              volume    = {35},
              year      = {2019}
            }
            """)
    public static let sachs = Citation(
        text:
            "Sachs, Perez, Pe’er, Lauffenburger, Nolan (2005). Causal Protein-Signaling Networks Derived from Multiparameter Single-Cell Data. Science 308:523–529.",
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

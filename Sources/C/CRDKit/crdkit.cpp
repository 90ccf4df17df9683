#include "crdkit.h"

#include <cstring>
#include <exception>
#include <string>

static void say(const char *text, char *error, size_t capacity) {
    if (error == nullptr || capacity == 0) return;
    std::strncpy(error, text, capacity - 1);
    error[capacity - 1] = 0;
}

#ifdef CRDKIT_PRESENT

#include <DataStructs/ExplicitBitVect.h>
#include <GraphMol/ChemTransforms/ChemTransforms.h>
#include <GraphMol/Descriptors/MolDescriptors.h>
#include <GraphMol/Fingerprints/MorganFingerprints.h>
#include <GraphMol/GraphMol.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <RDGeneral/RDLog.h>
#include <RDGeneral/versions.h>

#include <memory>
#include <mutex>
#include <stdexcept>

// Runs `body` on the parsed molecule; no exception leaves.
template <typename Body>
static crdkit_status with_molecule(const char *smiles, char *error, size_t capacity, Body body) {
    try {
        static std::once_flag silenced;
        std::call_once(silenced, [] { boost::logging::disable_logs("rdApp.*"); });
        std::unique_ptr<RDKit::RWMol> molecule;
        try {
            molecule.reset(RDKit::SmilesToMol(smiles));
        } catch (const std::exception &problem) {
            say(problem.what(), error, capacity);
            return CRDKIT_BAD_SMILES;
        }
        if (!molecule || molecule->getNumAtoms() == 0) {
            say("not a molecule in SMILES", error, capacity);
            return CRDKIT_BAD_SMILES;
        }
        body(*molecule);
        return CRDKIT_OK;
    } catch (const std::exception &problem) {
        say(problem.what(), error, capacity);
    } catch (...) {
        say("an unknown failure inside RDKit", error, capacity);
    }
    return CRDKIT_FAILED;
}

const char *crdkit_version(void) { return RDKit::rdkitVersion; }

crdkit_status crdkit_morgan(const char *smiles, uint32_t radius, uint32_t bits, uint8_t *packed, char *error,
                            size_t error_capacity) {
    return with_molecule(smiles, error, error_capacity, [&](const RDKit::ROMol &molecule) {
        std::unique_ptr<ExplicitBitVect> fingerprint(
            RDKit::MorganFingerprints::getFingerprintAsBitVect(molecule, radius, bits));
        std::memset(packed, 0, bits / 8);
        for (uint32_t bit = 0; bit < bits; ++bit)
            if (fingerprint->getBit(bit)) packed[bit / 8] |= uint8_t(0x80u >> (bit % 8));
    });
}

crdkit_status crdkit_descriptors(const char *smiles, double *descriptors, char *error, size_t error_capacity) {
    return with_molecule(smiles, error, error_capacity, [&](const RDKit::ROMol &molecule) {
        double logp = 0, refractivity = 0;
        RDKit::Descriptors::calcCrippenDescriptors(molecule, logp, refractivity);
        descriptors[0] = RDKit::Descriptors::calcAMW(molecule);
        descriptors[1] = logp;
        descriptors[2] = refractivity;
        descriptors[3] = RDKit::Descriptors::calcTPSA(molecule);
        descriptors[4] = molecule.getNumHeavyAtoms();
        descriptors[5] = RDKit::Descriptors::calcNumHBD(molecule);
        descriptors[6] = RDKit::Descriptors::calcNumRotatableBonds(molecule);
        descriptors[7] = RDKit::Descriptors::calcNumRings(molecule);
    });
}

crdkit_status crdkit_scaffold(const char *smiles, char *scaffold, size_t capacity, char *error,
                              size_t error_capacity) {
    return with_molecule(smiles, error, error_capacity, [&](const RDKit::ROMol &molecule) {
        std::unique_ptr<RDKit::ROMol> core(RDKit::MurckoDecompose(molecule));
        const std::string text = core && core->getNumAtoms() > 0 ? RDKit::MolToSmiles(*core) : "";
        if (text.size() >= capacity) throw std::runtime_error("the scaffold is longer than the room for it");
        std::memcpy(scaffold, text.c_str(), text.size() + 1);
    });
}

#else

const char *crdkit_version(void) { return ""; }

crdkit_status crdkit_morgan(const char *, uint32_t, uint32_t, uint8_t *, char *error, size_t error_capacity) {
    say("built without RDKit", error, error_capacity);
    return CRDKIT_UNAVAILABLE;
}

crdkit_status crdkit_descriptors(const char *, double *, char *error, size_t error_capacity) {
    say("built without RDKit", error, error_capacity);
    return CRDKIT_UNAVAILABLE;
}

crdkit_status crdkit_scaffold(const char *, char *, size_t, char *error, size_t error_capacity) {
    say("built without RDKit", error, error_capacity);
    return CRDKIT_UNAVAILABLE;
}

#endif

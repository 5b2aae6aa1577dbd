"""Which sequence a series is: descriptions as each vendor's users write them, timing, agents, and the shared data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence as Items

from dashboard.imaging import find_mr_studies
from dashboard.imaging.sequences import contrast_agent_of, sequence_from_attributes, sequence_from_name
from tests.builders.mri_files import a_dicom_series
from tests.builders.shared import shared_data

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "sequences.md").read_text(encoding="utf-8")

VENDORS = {
    "t1": """t1_mprage_sag_p2_iso; t1_se_tra_320; t1_fl2d_tra; t1_vibe_fs; Ax T1 FLAIR; T1 FLAIR PROPELLER; SAG T1 PRE;
        AX T1 PRE GAD; Ax 3D BRAVO; IR-FSPGR; MPRAGE; sT1W_3D_TFE; T1W_SE; T1 non contrast; T1 w/o contrast; T1 nativ;
        t1 tra vor KM; FL3D T1 sag no gad; T1 post op; MEMPRAGE_4e_p2_1mm_iso RMS; T1 unenhanced; T1 ohne KM""",
    "t1c": """T1 mprage +Gd; SE T1 POST; t1_mprage_tra_KM; t1_se_tra_fs_post; Ax T1 FLAIR +C; T1W_SE_POST GAD; AX T1 POST GD;
        3D T1 TFE +C; sT1W_3D_TFE GD; WIP T1W_3D_TFE_CE SENSE; Ax 3D BRAVO +C; FSPGR 3D GAD; t1_vibe_dixon_tra_W_KM;
        T1 post-op +C; T1 w contrast; T1 C+; T1+C; T1_TSE_TRA nach KM; Cor T1 FS GADO""",
    "t2": """t2_tse_tra_512; AX T2 FSE; Ax T2 PROPELLER; T2W_TSE; Sag CUBE T2; t2_blade_tra; T2 post contrast; FRFSE-XL T2;
        DRIVE_T2_3D""",
    "flair": """t2_tirm_tra_dark-fluid; Ax T2 FLAIR; t2_space_dark-fluid_sag_p2_iso; FLAIR_longTR; 3D FLAIR SENSE;
        Sag CUBE T2 FLAIR; FLAIR POST GAD; Ax T2 FLAIR +C""",
    "dwi": "DWI; ep2d_diff_3scan_trace_p2; ep2d_diff_3scan_trace_p2_TRACEW; DTI_64dir; Ax DWI b1000; eDWI",
    "adc": "ADC; ep2d_diff_3scan_trace_p2_ADC; dADC Map; Apparent Diffusion Coefficient (mm2/s)",
    "pd": "PD; PDw_TSE; FSE PD AXIAL OBL; Proton Density",
    "other": """SWI; SWI_Images; mIP_Images(SW); Pha_Images; AX SWAN; TOF_3D_multi-slab; ep2d_perf_p2; ep2d_bold_moco;
        gre_field_mapping; t2_fl2d_tra_hemo; Ax T2* GRE; MRA COW; t2_star; relCBF; T1 map; T2_map; ASL; DTI_FA; STIR COR;
        CISS 3D; FIESTA 3D IAC; B0 NS; fMRI_MB_int; MR 3""",
}  # fmt: skip
DESCRIPTIONS = [(sequence, words.strip()) for sequence, all_ in VENDORS.items() for words in all_.split(";")]


@pytest.mark.parametrize(("sequence", "description"), DESCRIPTIONS, ids=[words for _, words in DESCRIPTIONS])
def test_descriptions_as_they_are_written(sequence, description):
    found, confidence = sequence_from_attributes(description=description)
    assert found == sequence
    assert confidence == (0.0 if description == "MR 3" else 0.8)


def test_every_example_of_the_documentation_is_so():
    lines = re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS, flags=re.MULTILINE)
    assert {sequence for sequence, _ in lines} == set(VENDORS)
    for sequence, examples in lines:
        for words in re.findall(r"`([^`]+)`", examples):
            assert sequence_from_attributes(description=words)[0] == sequence, words


@pytest.mark.parametrize(
    ("description", "said", "sequence", "confidence"),
    [
        ("T1 SE", {"echo_ms": 12.0, "repetition_ms": 500.0}, "t1", 0.95),
        ("T1 SE", {"echo_ms": 100.0, "repetition_ms": 5000.0}, "t1", 0.5),
        ("T2 TSE", {"echo_ms": 100.0, "repetition_ms": 5000.0, "inversion_ms": 2200.0}, "t2", 0.5),
        ("", {"echo_ms": 120.0, "repetition_ms": 9000.0, "inversion_ms": 2500.0}, "flair", 0.6),
        ("", {"echo_ms": 3.0, "repetition_ms": 2000.0, "inversion_ms": 900.0, "scanning_sequence": "GR\\IR"}, "t1", 0.6),
        ("", {"echo_ms": 90.0, "repetition_ms": 4000.0}, "t2", 0.6),
        ("", {"echo_ms": 15.0, "repetition_ms": 3000.0}, "pd", 0.6),
        ("", {"echo_ms": 30.0, "repetition_ms": 3000.0, "scanning_sequence": "EP"}, "other", 0.0),
        ("", {"echo_ms": 9.0, "repetition_ms": 450.0, "contrast_agent": "GADOVIST"}, "t1c", 0.6),
        ("pd+t2_tse_tra", {"echo_ms": 15.0, "repetition_ms": 3000.0}, "pd", 0.8),
        ("pd+t2_tse_tra", {"echo_ms": 95.0, "repetition_ms": 3000.0}, "t2", 0.8),
        ("pd+t2_tse_tra", {}, "t2", 0.5),
        ("Ax T1", {"contrast_agent": "Dotarem"}, "t1c", 0.8),
        ("Ax T1", {"contrast_agent": "NONE"}, "t1", 0.8),
        ("Ax T1 PRE", {"contrast_agent": "Dotarem"}, "t1", 0.5),
        ("Ax T2 FLAIR", {"contrast_agent": "Dotarem"}, "flair", 0.8),
        ("head", {"acquisition_contrast": "FLUID_ATTENUATED"}, "flair", 0.6),
        ("head", {"acquisition_contrast": "T1", "contrast_agent": "Gd"}, "t1c", 0.6),
        ("head", {"acquisition_contrast": "UNKNOWN"}, "other", 0.0),
        ("T2 TSE", {"acquisition_contrast": "T1"}, "t2", 0.5),
        ("T1 mprage", {"image_type": ("DERIVED", "PRIMARY", "ADC")}, "adc", 0.95),
        ("T1 mprage", {"image_type": ("ORIGINAL", "PRIMARY", "PHASE")}, "other", 0.9),
        ("head", {"b_value": 1000.0}, "dwi", 0.9),
    ],
)  # fmt: skip
def test_timing_agents_and_the_objects_own_words(description, said, sequence, confidence):
    assert sequence_from_attributes(description=description, **said) == (sequence, confidence)


def test_an_agent_is_told_by_any_of_its_elements():
    def with_(**elements):
        data = Dataset()
        for keyword, value in elements.items():
            setattr(data, keyword, value)
        return data

    item = with_(CodeMeaning="Gadobutrol")
    assert contrast_agent_of(with_()) == ""
    assert contrast_agent_of(with_(ContrastBolusAgent="Gadovist")) == "Gadovist"
    assert contrast_agent_of(with_(ContrastBolusAgentSequence=Items([item]))) == "Gadobutrol"
    assert contrast_agent_of(with_(ContrastBolusVolume="7.5")) == "an agent"
    assert contrast_agent_of(with_(ContrastBolusVolume="0")) == ""
    for said, agent in (("YES", "an agent"), ("NO", "")):
        usage = with_(ContrastBolusAgentAdministered=said)
        assert contrast_agent_of(with_(ContrastBolusUsageSequence=Items([usage]))) == agent


def test_a_series_with_an_agent_in_its_header_is_t1_with_contrast(tmp_path):
    small = {"shape": (16, 18, 4), "spacing": (9.0, 9.0, 20.0)}
    a_dicom_series(tmp_path / "a", elements={"ContrastBolusAgent": "Gadovist"}, **small)
    a_dicom_series(tmp_path / "b", elements={"ContrastBolusVolume": "7"}, **small)
    a_dicom_series(tmp_path / "c", **small)
    found = [find_mr_studies(sorted((tmp_path / name).iterdir()), tmp_path).studies[0].volumes[0] for name in "abc"]
    assert [(str(v.sequence), v.sequence_confidence) for v in found] == [("t1c", 0.8), ("t1c", 0.8), ("t1", 0.95)]


def test_names_of_files():
    for name in ("t1", "t1c", "t2", "flair", "adc", "pd", "dwi"):
        assert sequence_from_name(f"{name}.nii.gz") == (name, 0.9)
    for name, sequence in (("BraTS-GLI-00005-000-t1n", "t1"), ("x-t1gd", "t1c"), ("y-t2f", "flair"), ("z_t2w", "t2"),
                           ("sub-01_ce-gd_T1w", "t1c"), ("sub-01_FLAIR", "flair")):  # fmt: skip
        assert sequence_from_name(f"{name}.nii.gz") == (sequence, 0.9), name
    assert sequence_from_name("image_0000.nii.gz") == ("other", 0.0)


@pytest.mark.shared
def test_the_shared_series_are_what_their_list_says():
    """True sequences from MANIFEST.csv's notes and the files' own names; a guess by timing is never sure."""
    true = {
        "dicom/head_dwv_bbmri": {"t1"}, "dicom/head_papaya": {"pd"}, "dicom/siemens_mosaic": {"other"},
        "dicom/siemens_mosaic_cor": {"other"}, "dicom/siemens_mosaic_sag": {"other"},
        "dicom/siemens_mosaic_jpeg2000": {"other"}, "dicom/enhanced_multiframe_philips": {"other"},
        "dicom/enhanced_siemens_xa10": {"other"}, "clinical/captk_aaac0": {"flair"},
        "clinical/lesion_niivue_flair": {"flair"}, "clinical/healthy_nibabel_t1": {"t1"},
        "clinical/meningioma_mida_M025": {"t1c", "adc"}, "clinical/native_tcga_fg6692": {"t1c", "flair"},
        "clinical/postop_lumiere_w056": {"t1c"},
    }  # fmt: skip
    root = shared_data("mri")
    for folder, sequences in true.items():
        files = [path for path in (root / folder).rglob("*") if path.is_file()]
        for study in find_mr_studies(files, root / folder).studies:
            assert {str(v.sequence) for v in study.volumes} == sequences, folder
    for case in sorted((root / "glioma").iterdir())[:2]:
        (study,) = find_mr_studies(sorted(case.iterdir()), case).studies
        assert {str(v.sequence): v.description for v in study.volumes} == {
            str(v.sequence): str(v.sequence) for v in study.volumes
        }

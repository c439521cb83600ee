import { dicom } from "../../lib/protocols/dicom.ts";
import { recorded } from "./recorded.ts";

recorded(dicom);

import { EditorView } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";
new EditorView({ extensions: [sparql()], parent: document.body });

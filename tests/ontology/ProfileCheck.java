import java.io.File;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/** Prints each violation of the OWL 2 DL profile in one merged ontology file (RDF/XML); exit code 1 if there is any. */
public final class ProfileCheck {
    public static void main(String[] arguments) throws Exception {
        OWLOntology ontology = OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(arguments[0]));
        List<String> lines = new ArrayList<String>();
        for (OWLProfileViolation violation : new OWL2DLProfile().checkOntology(ontology).getViolations()) {
            lines.add(violation.toString());
        }
        Collections.sort(lines);
        for (String line : lines) {
            System.out.println(line);
        }
        System.out.println(ontology.getLogicalAxiomCount() + " logical axioms, " + lines.size() + " violations");
        System.exit(lines.isEmpty() ? 0 : 1);
    }
}

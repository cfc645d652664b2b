import java.io.File;
import java.util.Set;
import java.util.TreeSet;
import org.semanticweb.HermiT.Configuration;
import org.semanticweb.HermiT.Reasoner;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLClass;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/**
 * Prints what is wrong with merged ontologies, one complaint a line after the name of its file. The arguments are pairs of
 * what a file holds ("terms": the OWL 2 DL profile and unsatisfiable classes are looked at too; or "facts") and its path.
 */
public final class OwlCheck {
    public static void main(String[] arguments) throws Exception {
        for (int at = 0; at < arguments.length; at += 2) {
            File file = new File(arguments[at + 1]);
            for (String complaint : complaints(file, arguments[at].equals("terms"))) {
                System.out.println(file.getName() + "\t" + complaint);
            }
        }
    }

    private static Set<String> complaints(File file, boolean terms) throws Exception {
        OWLOntology ontology = OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(file);
        Set<String> found = new TreeSet<String>();
        if (terms) {
            for (OWLProfileViolation violation : new OWL2DLProfile().checkOntology(ontology).getViolations()) {
                found.add(violation.toString().replaceAll("\\s+", " ").replaceAll(" in OntologyID\\(.*", ""));
            }
        }
        Configuration configuration = new Configuration();
        configuration.ignoreUnsupportedDatatypes = true;
        Reasoner reasoner = new Reasoner(configuration, ontology);
        if (!reasoner.isConsistent()) {
            found.add("inconsistent");
        } else if (terms) {
            for (OWLClass unsatisfiable : reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()) {
                found.add("unsatisfiable: " + unsatisfiable.getIRI());
            }
        }
        return found;
    }
}

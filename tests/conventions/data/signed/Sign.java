import java.io.*;
import java.security.*;
import java.security.cert.*;
import java.security.cert.Certificate;
import java.util.*;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.*;
import org.apache.pdfbox.pdmodel.interactive.form.*;
import org.bouncycastle.cert.jcajce.*;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.operator.jcajce.*;
import org.bouncycastle.operator.ContentSigner;

/** Signs a PDF with PDFBox: in a field of the document (fourth argument), or in an invisible field of its own. */
public class Sign {
    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(args[2])) { store.load(in, "essai".toCharArray()); }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, "essai".toCharArray());
        Certificate[] chain = store.getCertificateChain(alias);
        try (PDDocument document = PDDocument.load(new File(args[0])); OutputStream out = new FileOutputStream(args[1])) {
            PDSignature signature = new PDSignature();
            if (args.length > 3) {
                PDSignatureField field = (PDSignatureField) document.getDocumentCatalog().getAcroForm().getField(args[3]);
                field.setValue(signature);
            }
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
            signature.setName("Camille Exemple");
            Calendar date = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
            date.setTimeInMillis(1792047600000L);
            signature.setSignDate(date);
            document.addSignature(signature, content -> {
                try {
                    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
                    ContentSigner signer = new JcaContentSignerBuilder("SHA256WithRSA").build(key);
                    generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(
                        new JcaDigestCalculatorProviderBuilder().build()).build(signer, (X509Certificate) chain[0]));
                    generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
                    ByteArrayOutputStream copy = new ByteArrayOutputStream();
                    content.transferTo(copy);
                    return generator.generate(new CMSProcessableByteArray(copy.toByteArray()), false).getEncoded();
                } catch (GeneralSecurityException | CMSException | org.bouncycastle.operator.OperatorException error) {
                    throw new IOException(error);
                }
            });
            document.saveIncremental(out);
        }
    }
}

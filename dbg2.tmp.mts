import * as http2 from "node:http2"; 
import { createPki } from "/work/main/certs/ensure-pki.ts";
const { serving } = await createPki({ serviceAddress: "10.96.0.1" });
const s = http2.createSecureServer({ cert: serving.certPem, key: serving.keyPem });
s.on("stream", st => { st.on("error", e=>console.log("srv", e.message)); st.respond({":status":200,"content-length":100}); st.write("x", () => setTimeout(()=>st.close(Number(process.argv[2])),20)); });
s.listen(0, async () => {
  const c = http2.connect(`https://127.0.0.1:${s.address().port}`, {rejectUnauthorized:false, ALPNProtocols:["h2"]});
  c.on("error", e => console.log("session error", e.message));
  const st = c.request({":path":"/"}, {endStream:true});
  st.on("error", e => console.log("stream error", e.message)); st.on("close", () => console.log("stream close", st.rstCode));
  st.on("aborted", () => console.log("aborted", st.rstCode)); st.on("end", () => console.log("end", st.rstCode, st.aborted));
  try { for await (const x of st.iterator({destroyOnReturn:false})) console.log("chunk", x.length); console.log("loop end", st.rstCode, st.aborted) } catch (e) { console.log("thrown", e.message) }
});
setTimeout(()=>process.exit(),1500);

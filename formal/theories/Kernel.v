(** * One certificate in Coq's kernel: what the files that `simcert formalize` writes rest on.

    Such a file holds the bytes of a certificate, the model, the assumptions and the claim as Coq terms, and applies [verified_claim]. *)
From Coq Require Import List Bool Ascii String.
From SimCert Require Import Syntax Printer Parser Meaning Proper Kinks Check Training.
Import ListNotations.

(** the bytes of a file that ends with a newline, from pieces of its text *)
Definition file_of (pieces : list string) : text := List.concat (List.map list_ascii_of_string pieces) ++ [newline].

Definition read (t : text) : option certificate :=
  match parse t with Some j => match decode j with Ok c => Some c | _ => None end | None => None end.
(** what the certificate is about: everything but its proof and its [meta] *)
Definition question (t : text) : option (model * list (text * assumption) * claim) :=
  match read t with Some c => Some (c_model c, c_assumptions c, c_claim c) | None => None end.

(** [t] is the file of a certificate with this model, these assumptions and this claim *)
Definition states (t : text) (m : model) (assumptions : list (text * assumption)) (c : claim) : Prop := exists meta proof,
  t = print_certificate {| c_assumptions := assumptions; c_claim := c; c_meta := meta; c_model := m; c_proof := proof |}.

Lemma question_read t m assumptions c : check_text t = Verified -> question t = Some (m, assumptions, c) ->
  exists d, check_certificate d = Verified /\ t = print_certificate d /\ c_model d = m /\ c_assumptions d = assumptions /\ c_claim d = c.
Proof.
  unfold check_text, question, read. destruct (parse t) as [j|]; [|discriminate]. destruct (decode j) as [d| |]; try discriminate.
  destruct (text_eqb (print_certificate d) t) eqn:E; [|discriminate]. apply text_eqb_ok in E. intros H [= <- <- <-]. now exists d.
Qed.
Theorem verified_claim t m assumptions c : check_text t = Verified -> question t = Some (m, assumptions, c) ->
  states t m assumptions c /\ claim_holds m assumptions c /\ holds_at_kinks m assumptions c.
Proof.
  intros H Q. apply (question_read t m assumptions c H) in Q as (d & Hd & -> & <- & <- & <-).
  split; [exists (c_meta d), (c_proof d); now destruct d|]. now apply check_certificate_sound.
Qed.
Theorem verified_training t m assumptions c : check_text t = Verified -> question t = Some (m, assumptions, c) ->
  forall L, claims_invariant c L -> forall sigma, admissible m assumptions sigma -> training_stays m sigma L.
Proof. intros H Q. apply (question_read t m assumptions c H) in Q as (d & Hd & -> & <- & <- & <-). now apply certificate_stays. Qed.

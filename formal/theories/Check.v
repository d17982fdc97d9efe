(** * The checker on bytes, and its theorem. *)
From Coq Require Import List ZArith NArith QArith Reals Bool Ascii String.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.

Inductive verdict := Verified | Rejected | Malformed | Unsupported_kind | Incomplete | Too_large.

(** a function of the format that this library does not define *)
Definition undefined (m : model) (assumptions : list (text * assumption)) (wanted : definition -> bool) : bool :=
  existsb (fun e => match find (fst e) assumptions with Some Itself => wanted (snd e) | _ => false end) (m_activations m).
Definition no_function (d : definition) : bool :=
  match d with Named n => (is "erf" n || is "gelu" n)%bool | Class _ => true | _ => false end.
(** the assumption "itself" is never void *)
Lemma function_defined d : definition_ok d = true -> no_function d = false -> exists g, function_of d = Some g.
Proof.
  destruct d as [c|c|s t|n]; cbn [no_function function_of]; eauto; [easy|]. cbn [definition_ok].
  unfold is. intros H K. apply existsb_exists in H as (e & He & E). apply text_eqb_ok in E. subst n.
  revert K. unfold named_facts in He. cbn [In] in He.
  repeat (destruct He as [<-|He]; [cbn; intros; try discriminate; eauto|]). destruct He.
Qed.

(** [None]: unsupported *)
Definition check_claim (m : model) (assumptions : list (text * assumption)) (c : claim) (p : proof) : option bool :=
  if undefined m assumptions no_function then None else
  match c, p with
  | Invariant L, ByIdentity =>
    if undefined m assumptions piecewise_definition then None else Some (check_identity true m assumptions L)
  | Invariant L, ByCongruence =>
    if undefined m assumptions piecewise_definition then None else Some (check_identity false m assumptions L)
  | _, _ => None
  end.

Theorem check_claim_sound m assumptions c p : check_claim m assumptions c p = Some true -> claim_holds m assumptions c.
Proof.
  unfold check_claim. destruct (undefined m assumptions no_function); [easy|].
  destruct c, p; try easy; (destruct (undefined m assumptions piecewise_definition); [easy|]); intros [= H].
  - intros sigma. now apply (check_identity_sound false).
  - intros sigma. now apply (check_identity_sound true).
Qed.

(** arrays of at most twenty million entries together *)
Definition max_entries : N := 20000000.
Definition check_certificate (c : certificate) : verdict :=
  if negb (certificate_ok c) then Malformed
  else if N.ltb max_entries (entries_of (c_model c)) then Too_large
  else match c_proof c with
  | NoProof => Incomplete
  | p => match check_claim (c_model c) (c_assumptions c) (c_claim c) p with
         | Some true => Verified | Some false => Rejected | None => Unsupported_kind end
  end.
Definition check_text (t : text) : verdict :=
  match parse t with
  | None => Malformed
  | Some j =>
    match decode j with
    | Bad => Malformed
    | Unsupported => if text_eqb (print_json j) t then Unsupported_kind else Malformed
    | Ok c => if text_eqb (print_certificate c) t then check_certificate c else Malformed
    end
  end.

(** If the checker says "verified", the bytes are a certificate and its claim holds. *)
Theorem check_text_sound t : check_text t = Verified ->
  exists c, t = print_certificate c /\ certificate_ok c = true /\ claim_holds (c_model c) (c_assumptions c) (c_claim c).
Proof.
  unfold check_text. destruct (parse t); [|easy]. destruct (decode j) as [c| |]; [|easy|destruct (text_eqb _ _); easy].
  destruct (text_eqb (print_certificate c) t) eqn:E; [|easy]. apply text_eqb_ok in E. intros H.
  exists c. split; [now symmetry|]. unfold check_certificate in H.
  destruct (certificate_ok c); [|easy]. split; [reflexivity|]. cbn [negb] in H.
  destruct (N.ltb max_entries (entries_of (c_model c))); [easy|].
  apply (check_claim_sound _ _ _ (c_proof c)).
  destruct (c_proof c); try easy; destruct (check_claim _ _ _ _) as [[|]|]; easy.
Qed.

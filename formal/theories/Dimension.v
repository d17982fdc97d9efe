(** * The dimension of the Lie algebra at a point

    [lie_ge m s u r]: r fields of Lie(V) are linearly independent at u. [lie_le m s u r]: fields of Lie(V) that are
    independent at u are at most r. [lie_dim m s u r]: both, so r is the dimension of { V(u) : V in Lie(V) } (the Lie rank; by Hermann–Nagano
    the dimension of the orbit of u when everything is analytic, which is cited and not proved here).
    Proved here: the dimension exists and is unique; if r is a lower and an upper bound, r fields span all values at u;
    at most as many independent values as parameters. *)
From Coq Require Import List ZArith Reals Lia Lra Bool Classical.
From SimCert Require Import Linear Expr Slp Checks Flow Lie.
Import ListNotations.
Local Open Scope R_scope.

Definition Rlindep : list positive -> list vec -> Prop := lindep R 0 Rplus Rmult.
Definition Rlcomb : list R -> list vec -> positive -> R := lcomb R 0 Rplus Rmult.
Lemma R_integral : forall a b : R, a * b = 0 -> a = 0 \/ b = 0.
Proof. exact Rmult_integral. Qed.
Lemma R_ring : ring_theory 0 1 Rplus Rmult Rminus Ropp eq.
Proof. exact RTheory. Qed.

Definition lie_ge (m : model) (s : positive -> bool -> R -> R) (u : vec) (r : nat) : Prop :=
  exists Fs : list field, length Fs = r /\ (forall V, In V Fs -> lie m s V) /\ Rlindep (plist (m_nparams m)) (map (fun V => V u) Fs).
Definition lie_le (m : model) (s : positive -> bool -> R -> R) (u : vec) (r : nat) : Prop :=
  forall Fs : list field, (forall V, In V Fs -> lie m s V) -> Rlindep (plist (m_nparams m)) (map (fun V => V u) Fs) -> (length Fs <= r)%nat.
Definition lie_dim m s u r : Prop := lie_ge m s u r /\ lie_le m s u r.

Lemma plist_length M : length (plist M) = Pos.to_nat M.
Proof. unfold plist. now rewrite map_length, seq_length. Qed.
Lemma Rlindep_le J rows : Rlindep J rows -> (length rows <= length J)%nat.
Proof. apply (lindep_le R 0 1 Rplus Rmult Rminus Ropp R_ring R_integral R1_neq_R0). Qed.

Section Dim.
Variables (m : model) (s : positive -> bool -> R -> R) (u : vec).
Let M := m_nparams m.

(** upper bound "full" *)
Theorem lie_le_full : lie_le m s u (Pos.to_nat M).
Proof. intros Fs _ H. apply Rlindep_le in H. rewrite map_length, plist_length in H. exact H. Qed.
Theorem lie_ge_0 : lie_ge m s u 0.
Proof. exists []. split; [easy|]. split; [easy|]. intros [|] L _; [constructor|easy]. Qed.
Theorem lie_ge_down r r' : lie_ge m s u r -> (r' <= r)%nat -> lie_ge m s u r'.
Proof.
  intros (Fs & L & HF & HI) H. revert Fs r L HF HI H. induction Fs as [|V Fs IH]; intros r L HF HI H.
  - simpl in L. replace r' with 0%nat by lia. apply lie_ge_0.
  - destruct (Nat.eq_dec r' r) as [->|N]; [exists (V :: Fs); auto|].
    apply (IH (pred r)); [simpl in L; lia|intros; apply HF; simpl; auto| |lia].
    apply (lindep_tail R 0 1 Rplus Rmult Rminus Ropp R_ring) with (r := V u). exact HI.
Qed.
Theorem lie_le_up r r' : lie_le m s u r -> (r <= r')%nat -> lie_le m s u r'.
Proof. intros H L Fs HF HI. specialize (H Fs HF HI). lia. Qed.
Theorem lie_ge_le r r' : lie_ge m s u r -> lie_le m s u r' -> (r <= r')%nat.
Proof. intros (Fs & <- & HF & HI) H. now apply H. Qed.
Theorem lie_dim_unique r r' : lie_dim m s u r -> lie_dim m s u r' -> r = r'.
Proof. intros [A B] [A' B']. assert (X := lie_ge_le _ _ A B'). assert (Y := lie_ge_le _ _ A' B). lia. Qed.
Theorem lie_dim_exists : exists r, lie_dim m s u r /\ (r <= Pos.to_nat M)%nat.
Proof.
  assert (G : forall n, (forall r, lie_ge m s u r -> (r <= n)%nat) -> exists r, lie_dim m s u r /\ (r <= n)%nat).
  { induction n as [|n IH]; intros H.
    - exists 0%nat. split; [split; [apply lie_ge_0|]|lia]. intros Fs HF HI. apply H. now exists Fs.
    - destruct (classic (lie_ge m s u (S n))) as [Y|N].
      + exists (S n). split; [split; [exact Y|]|lia]. intros Fs HF HI. apply H. now exists Fs.
      + destruct IH as (r & D & L); [|exists r; split; [exact D|lia]].
        intros r Hr. specialize (H r Hr). destruct (Nat.eq_dec r (S n)) as [->|]; [easy|lia]. }
  apply G. intros r H. apply (lie_ge_le r _ H lie_le_full).
Qed.

Lemma lie_lcomb gs Fs : length gs = length Fs -> Fs <> [] -> (forall V, In V Fs -> lie m s V) ->
  lie m s (fun w i => Rlcomb gs (map (fun V => V w) Fs) i).
Proof.
  revert gs; induction Fs as [|V Fs IH]; intros [|g gs] L N H; try easy. destruct Fs as [|W Fs].
  - destruct gs; [|easy]. apply lie_ext with (V := fun w i => g * V w i + 0 * V w i); [intros; unfold Rlcomb; cbn; ring|].
    apply lie_comb; apply H; simpl; auto.
  - apply lie_ext with (V := fun w i => g * V w i + 1 * Rlcomb gs (map (fun V => V w) (W :: Fs)) i).
    + intros w i _. unfold Rlcomb. destruct gs; cbn; ring.
    + apply (lie_comb m s g 1 V); [apply H; simpl; auto|]. apply IH; [simpl in *; lia|easy|intros; apply H; simpl in *; tauto].
Qed.

(** r independent values span all values when the dimension is r *)
Theorem lie_dim_span r Fs : lie_le m s u r -> length Fs = r -> (forall V, In V Fs -> lie m s V) -> Rlindep (plist M) (map (fun V => V u) Fs) ->
  forall V, lie m s V -> exists gs, length gs = r /\ forall i, (i <= M)%positive -> V u i = Rlcomb gs (map (fun V => V u) Fs) i.
Proof.
  intros HL Lr HF HI V HV.
  assert (N : ~ Rlindep (plist M) (map (fun V => V u) (V :: Fs))).
  { intros H. assert (K := HL (V :: Fs)). simpl in K. assert (S (length Fs) <= r)%nat; [|lia]. apply K; [intros W [<-|]; auto|exact H]. }
  unfold Rlindep, lindep in N. apply not_all_ex_not in N as (gs & N). apply imply_to_and in N as (Lg & N). apply imply_to_and in N as (Cg & N).
  destruct gs as [|g gs]; [easy|]. rewrite map_length in Lg. cbn [length] in Lg.
  assert (Hg : g <> 0).
  { intros ->. apply N. constructor; [easy|]. apply HI; [rewrite map_length; lia|].
    intros i Hi. specialize (Cg i Hi). cbn [map lcomb] in Cg. rewrite Rmult_0_l, Rplus_0_l in Cg. exact Cg. }
  exists (map (Rmult (- / g)) gs). split; [rewrite map_length, <- Lr; injection Lg as Lg; exact Lg|]. intros i Hi. apply plist_in in Hi.
    specialize (Cg i Hi). cbn [map lcomb] in Cg.
  unfold Rlcomb. rewrite (lcomb_scal R 0 1 Rplus Rmult Rminus Ropp R_ring).
  assert (E : g * V u i = - lcomb R 0 Rplus Rmult gs (map (fun V => V u) Fs) i) by lra.
  apply (Rmult_eq_reg_l g); [|exact Hg]. rewrite E. field. exact Hg.
Qed.
End Dim.
